"""Webhook messages by the rules of standardwebhooks.com: secrets, signatures, and the call itself."""
