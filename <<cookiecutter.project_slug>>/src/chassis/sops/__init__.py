"""Files in the format of SOPS with age: https://getsops.io/docs/, https://age-encryption.org/v1"""

from .document import decrypt, encrypted, is_encrypted
from .errors import SopsError

__all__ = ["SopsError", "decrypt", "encrypted", "is_encrypted"]
