"""What every service has alike, one room for each concern.

A room's front door is what its `__init__.py` lists in `__all__`; so is what a module lists that only some services
have. Nothing else is for use from outside of the room, and nothing in here knows the service.
"""
