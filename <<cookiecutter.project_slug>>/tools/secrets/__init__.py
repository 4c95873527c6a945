"""Encrypts settings and edits what is encrypted: `make encrypt`, by SOPS."""
