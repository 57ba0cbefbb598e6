"""Misbehaviour on demand: tables of what can go wrong, and rules that say when."""
