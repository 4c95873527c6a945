"""What is wrong with an encrypted file."""


class SopsError(Exception):
    """The file cannot be decrypted; the message is one line and has no secret in it."""
