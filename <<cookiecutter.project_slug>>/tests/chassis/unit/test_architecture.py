"""The architecture of the chassis: rooms have front doors, and no two of them need each other."""

from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from tests.chassis.fixtures.imports import (
    CHASSIS,
    DOORS,
    ROOMS,
    dotted,
    entered,
    import_each_first,
    room,
)


@pytest.mark.parametrize("module", CHASSIS, ids=dotted)
def test_rooms_are_entered_by_their_doors(module: Path) -> None:
    assert [name for name, by_a_door in entered(module).items() if not by_a_door] == []


def test_each_room_has_a_front_door() -> None:
    assert ROOMS
    assert DOORS.keys() >= ROOMS


def test_no_two_rooms_need_each_other() -> None:
    needed: dict[str, set[str]] = {}
    for module in CHASSIS:
        for name in entered(module):
            door = name if name in DOORS else name.rpartition(".")[0]
            needed.setdefault(room(dotted(module)), set()).add(room(door))
    assert needed["chassis.logs"] >= {"chassis.settings", "chassis.tracing"}
    TopologicalSorter(needed).prepare()


def test_every_module_can_be_imported_first() -> None:
    assert import_each_first(CHASSIS) == ""
