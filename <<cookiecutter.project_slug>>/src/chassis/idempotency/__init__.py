"""Idempotency keys of clients: the stores of the keys, with the answers to their requests.

Each store is a module, of which a service has one. Requests come to it through the room of the contract.
"""

__all__ = ()
