"""Hugging Face: the router with two services behind it, and what the Hub says of keys and models."""
