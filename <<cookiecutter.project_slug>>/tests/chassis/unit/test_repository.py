"""Repositories: what each storage has to do, shown with the one in memory."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.resources import (
    ConflictError,
    NotFoundError,
    Query,
    Repository,
    Resource,
    UnitOfWork,
    identity,
)
from chassis.resources.memory import MemoryRepository, MemoryUnitOfWork
from chassis.resources.paging import Position, Sort, encode_cursor


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing(Resource):
    """Has a field of each type."""

    SERVICE_FIELDS = Resource.SERVICE_FIELDS | {"sold_at"}

    name: str
    kind: str = "common"
    size: int = 0
    total: int = 0
    ratio: float = 0.0
    price: Decimal = Decimal("0.00")
    open: bool = True
    day: date | None = None
    owner: UUID | None = None
    tags: list[str] = field(default_factory=list)
    box: dict[str, Any] = field(default_factory=dict)
    parts: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] | None = None
    sold_at: datetime | None = None


Storage = tuple[Repository[Thing], UnitOfWork]


def thing(name: str, **fields: Any) -> Thing:
    return Thing(**identity(), name=name, **fields)


class RepositoryTests:
    """What holds for each storage; a class for each of them has the fixture `storage`."""

    @pytest.fixture
    def store(self, storage: Storage) -> Callable[..., Thing]:
        def store(name: str, **fields: Any) -> Thing:
            with storage[1]:
                return storage[0].add(thing(name, **fields))

        return store

    def test_a_thing_that_is_stored_is_found(self, storage: Storage) -> None:
        stored = thing(
            "First",
            kind="rare",
            size=5,
            total=2**64 + 1,
            ratio=0.1,
            price=Decimal("1234567890123.45"),
            open=False,
            day=date(2026, 2, 3),
            owner=uuid4(),
            tags=["a", "b"],
            box={"width": 1, "inner": [1.5, None]},
            sold_at=datetime(2026, 2, 3, 4, 5, 6, 7, tzinfo=UTC),
        )
        repository, unit_of_work = storage
        with unit_of_work:
            assert repository.add(stored) == stored
        assert repository.get(stored.id) == stored

    def test_what_does_not_exist_is_not_found(self, storage: Storage) -> None:
        repository, unknown = storage[0], uuid4()
        message = f"There is no thing with the id {unknown}."
        attempts: list[Callable[[], object]] = [
            lambda: repository.get(unknown),
            lambda: repository.update(unknown, {"size": 1}),
            lambda: repository.delete(unknown),
        ]
        for attempt in attempts:
            with pytest.raises(NotFoundError, match=message):
                attempt()

    def test_a_change_counts_the_version_up(
        self, storage: Storage, store: Callable[..., Thing]
    ) -> None:
        old = store("First", size=1)
        repository, unit_of_work = storage
        with unit_of_work:
            new = repository.update(old.id, {"size": 2, "price": Decimal("0.10")})
        assert repository.get(old.id) == new
        assert (new.name, new.size, new.price) == ("First", 2, Decimal("0.10"))
        assert (new.version, new.created_at) == (2, old.created_at)
        assert new.updated_at > old.updated_at

    def test_a_value_that_is_unique_is_taken_once(
        self, storage: Storage, store: Callable[..., Thing]
    ) -> None:
        first, second = store("First"), store("Second")
        repository, unit_of_work = storage
        attempts: list[Callable[[], Thing]] = [
            lambda: repository.add(thing("First")),
            lambda: repository.update(second.id, {"name": "First"}),
        ]
        for attempt in attempts:
            with pytest.raises(ConflictError, match=r"The name 'First' is taken\."), unit_of_work:
                attempt()
        with unit_of_work:
            assert repository.update(first.id, {"name": "First"}).version == 2

    def test_a_thing_is_deleted(self, storage: Storage, store: Callable[..., Thing]) -> None:
        stored = store("First")
        repository, unit_of_work = storage
        with unit_of_work:
            repository.delete(stored.id)
        with pytest.raises(NotFoundError):
            repository.get(stored.id)

    def test_a_unit_of_work_that_fails_changes_nothing(
        self, storage: Storage, store: Callable[..., Thing]
    ) -> None:
        kept, deleted = store("Kept", size=1), store("Deleted")
        repository, unit_of_work = storage

        def change_and_fail() -> None:
            with unit_of_work:
                repository.add(thing("New"))
                repository.update(kept.id, {"size": 2})
                repository.update(kept.id, {"size": 3})
                with unit_of_work:
                    repository.delete(deleted.id)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            change_and_fail()
        found = repository.page(Query("name", 9)).items
        assert found == [deleted, kept]

    def test_an_inner_unit_of_work_takes_the_outer_one_with_it(
        self, storage: Storage, store: Callable[..., Thing]
    ) -> None:
        store("First")
        repository, unit_of_work = storage

        def add_both() -> None:
            with unit_of_work:
                repository.add(thing("Second"))
                with pytest.raises(ConflictError), unit_of_work:
                    repository.add(thing("First"))
                repository.add(thing("Third"))

        with pytest.raises(RuntimeError, match="has failed"):
            add_both()
        with unit_of_work:
            pass
        assert [item.name for item in repository.page(Query("name", 9)).items] == ["First"]

    @pytest.mark.parametrize(
        ("sort", "values"),
        [
            ("name", list("abcdefg")),
            ("size", [0, 0, 0, 1, 1, 2, 3]),
            ("total", [-(10**30), -(2**64), -9, 0, 5, 10, 10**40]),
            ("ratio", [0.1, 0.1, 0.1, 0.25, 0.25, 1.0, 1e9]),
            (
                "price",
                [
                    Decimal(text)
                    for text in ("-1.00", "0.05", "0.10", "0.10", "9.00", "10.00", "100.00")
                ],
            ),
            ("open", [False, False, False, True, True, True, True]),
        ],
    )
    @pytest.mark.parametrize("minus", ["", "-"])
    @pytest.mark.parametrize("limit", [1, 2, 3, 7])
    def test_pages_show_each_item_once_and_in_order(
        self,
        storage: Storage,
        store: Callable[..., Thing],
        sort: str,
        values: list[Any],
        minus: str,
        limit: int,
    ) -> None:
        for number, value in enumerate(values):
            store(**{"name": str(number), sort: value})
        pages: list[list[Thing]] = []
        cursor = None
        while not pages or cursor:
            page = storage[0].page(Query(minus + sort, limit, cursor))
            pages.append(page.items)
            cursor = page.next_cursor
        items = [item for page in pages for item in page]
        assert [getattr(item, sort) for item in items] == sorted(values, reverse=bool(minus))
        assert len({item.id for item in items}) == len(values)
        assert {len(page) for page in pages[:-1]} <= {limit}
        assert len(pages) == -(-len(values) // limit)

    def test_a_page_goes_on_where_a_deleted_item_was(
        self, storage: Storage, store: Callable[..., Thing]
    ) -> None:
        _, second, _ = store("a"), store("b"), store("c")
        repository, unit_of_work = storage
        page = repository.page(Query("name", 2))
        with unit_of_work:
            repository.delete(second.id)
        rest = repository.page(Query("name", 2, page.next_cursor))
        assert [item.name for item in rest.items] == ["c"]

    def test_a_list_is_filtered(self, storage: Storage, store: Callable[..., Thing]) -> None:
        store("a", kind="common", size=1)
        store("b", kind="rare", size=1)
        store("c", kind="rare", size=2)

        def names(**where: Any) -> list[str]:
            return [item.name for item in storage[0].page(Query("name", 9, None, where)).items]

        assert names(kind="rare") == ["b", "c"]
        assert names(kind="rare", size=2) == ["c"]
        assert names(kind="rare", size=None) == ["b", "c"]
        assert names(kind="unheard-of") == []

    @pytest.mark.parametrize("value", [2**31, -(2**31) - 1, 2**63, 10**400])
    def test_a_cursor_with_a_value_that_cannot_be_is_refused(
        self, storage: Storage, store: Callable[..., Thing], value: int
    ) -> None:
        stored = store("First")
        cursor = encode_cursor(Sort("size", int), Position(0, stored.id))
        assert storage[0].page(Query("size", 1, cursor)).items == []
        made_up = cursor_with(value, stored.id)
        try:
            page = storage[0].page(Query("size", 1, made_up))
        except NotFoundError:
            return
        assert page.next_cursor is None

    def test_a_field_that_has_no_order_is_refused(self, storage: Storage) -> None:
        for name in ("day", "tags", "color"):
            with pytest.raises(ValueError, match=f"Thing cannot be sorted by '{name}'"):
                storage[0].page(Query(name, 1))


def cursor_with(value: int, identifier: UUID) -> str:
    """Writes the cursor that a client has made up."""
    content = json.dumps(["size", False, value, str(identifier)]).encode()
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


class TestMemoryRepository(RepositoryTests):
    """Things in memory."""

    @pytest.fixture
    def storage(self) -> Storage:
        unit_of_work = MemoryUnitOfWork()
        return MemoryRepository(Thing, unit_of_work, unique=["name"]), unit_of_work


def test_defaults_are_those_of_the_fields_that_clients_set() -> None:
    assert Thing.defaults() == {
        "kind": "common",
        "size": 0,
        "total": 0,
        "ratio": 0.0,
        "price": Decimal("0.00"),
        "open": True,
        "day": None,
        "owner": None,
        "tags": [],
        "box": {},
        "parts": [],
        "notes": None,
    }
    assert Thing.defaults()["tags"] is not Thing.defaults()["tags"]
