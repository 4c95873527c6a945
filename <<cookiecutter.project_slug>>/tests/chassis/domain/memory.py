"""The things in the memory of the process."""

from .things import NameTakenError, NotFoundError, Thing, Things


class InMemoryThings(Things):
    """Keeps them in a dictionary, by their names."""

    def __init__(self) -> None:
        self._things: dict[str, Thing] = {}

    def create(self, name: str) -> Thing:
        if name in self._things:
            raise NameTakenError("The name is taken.")
        self._things[name] = Thing(len(self._things) + 1, name)
        return self._things[name]

    def list(self) -> list[Thing]:
        return [*self._things.values()]

    def get(self, number: int) -> Thing:
        for thing in self._things.values():
            if thing.number == number:
                return thing
        raise NotFoundError("There is no thing with this number.")
