"""The gate: whose turn it is, and who has waited too long."""

from collections.abc import Callable, Iterator

import gevent
import pytest
from gevent.event import Event

from chassis.server.gate import TURN_SECONDS, Gate

MAX_WAIT = 5.0


class Clock:
    """A clock that stands still until it is set."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Requests:
    """Requests at a gate: in the order in which they were decided about, each with the decision."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._ends: dict[str, Event] = {}
        self.decided: list[tuple[str, bool]] = []

    def arrive(self, *names: str, age: float = 0, work: Callable[[], None] | None = None) -> None:
        """Lets requests arrive, and then all that can go on."""
        for name in names:
            self._ends[name] = Event()
            gevent.spawn(self._request, name, age, work)
        settle()

    def end(self, *names: str) -> None:
        """Ends requests that are handled."""
        for name in names:
            self._ends[name].set()
        settle()

    def _request(self, name: str, age: float, work: Callable[[], None] | None) -> None:
        with self._gate.request(age) as admitted:
            self.decided.append((name, admitted))
            if admitted and work:
                work()
            if admitted:
                self._ends[name].wait()


def settle() -> None:
    for _ in range(20):
        gevent.sleep(0.0001)


@pytest.fixture
def clock() -> Iterator[Clock]:
    """The clock of a gate; what still waits there goes on at the end."""
    clock = Clock()
    yield clock
    clock.now += 1000
    gevent.sleep(0.1)


class Crowd:
    """Whether what requests need is crowded."""

    present = False

    def __call__(self) -> bool:
        return self.present


def test_requests_begin_in_the_order_of_their_arrival(clock: Clock) -> None:
    crowd = Crowd()
    requests = Requests(Gate(MAX_WAIT, 10, is_crowded=crowd, clock=clock))
    crowd.present = True
    requests.arrive("a", "b", "c")
    assert requests.decided == []
    crowd.present = False
    requests.arrive("d")
    gevent.sleep(0.1)
    assert requests.decided == [("a", True), ("b", True), ("c", True), ("d", True)]


def test_none_is_refused_before_it_has_really_waited_too_long(clock: Clock) -> None:
    crowd = Crowd()
    requests = Requests(Gate(MAX_WAIT, 2000, is_crowded=crowd, clock=clock))
    crowd.present = True
    # However many wait, and however long nothing has gone on.
    requests.arrive(*(str(number) for number in range(1000)))
    clock.now += MAX_WAIT
    crowd.present = False
    gevent.sleep(0.1)
    assert len(requests.decided) == 1000
    assert all(admitted for _, admitted in requests.decided)


def test_who_has_waited_too_long_is_refused_and_who_came_later_is_handled(clock: Clock) -> None:
    crowd = Crowd()
    requests = Requests(Gate(MAX_WAIT, 10, is_crowded=crowd, clock=clock))
    crowd.present = True
    requests.arrive("early")
    clock.now += 1
    requests.arrive("late")
    clock.now += MAX_WAIT - 0.5
    gevent.sleep(0.1)
    # Refused although the crowd is still there: the client does not wait for its end.
    assert requests.decided == [("early", False)]
    crowd.present = False
    gevent.sleep(0.1)
    assert requests.decided == [("early", False), ("late", True)]


@pytest.mark.parametrize(
    ("age", "admitted"), [(0, True), (MAX_WAIT, True), (MAX_WAIT + 0.1, False)]
)
def test_what_a_request_has_waited_before_the_gate_counts(
    clock: Clock, age: float, admitted: bool
) -> None:
    gate = Gate(MAX_WAIT, 10, clock=clock)
    requests = Requests(gate)
    requests.arrive("a", age=age)
    assert requests.decided == [("a", admitted)]
    assert gate.last_wait == pytest.approx(age)


def test_no_more_requests_are_there_than_may(clock: Clock) -> None:
    requests = Requests(Gate(MAX_WAIT, 2, clock=clock))
    requests.arrive("a", "b", "c")
    assert requests.decided == [("a", True), ("b", True), ("c", False)]
    requests.end("a")
    requests.arrive("d")
    assert requests.decided[3:] == [("d", True)]


def test_the_event_loop_looks_for_others_between_requests_that_compute(clock: Clock) -> None:
    requests = Requests(Gate(MAX_WAIT, 10, clock=clock))
    looked: list[int] = []

    def compute() -> None:
        clock.now += TURN_SECONDS

    def look() -> None:
        while len(requests.decided) < 5:
            # A timer is due when the event loop looks.
            gevent.sleep(1e-6)
            looked.append(len(requests.decided))

    looking = gevent.spawn(look)
    requests.arrive(*"abcde", work=compute)
    looking.join(1)
    assert [name for name, _ in requests.decided] == [*"abcde"]
    assert {1, 2, 3, 4} <= set(looked)


def test_the_end_of_a_request_lets_the_next_one_begin(clock: Clock) -> None:
    requests = Requests(
        Gate(MAX_WAIT, 10, is_crowded=lambda: len(requests.decided) > ended, clock=clock)
    )
    ended = 0
    requests.arrive("a", "b")
    assert requests.decided == [("a", True)]
    ended += 1
    requests.end("a")
    assert requests.decided == [("a", True), ("b", True)]


def test_an_end_that_nobody_tells_is_found(clock: Clock) -> None:
    crowd = Crowd()
    requests = Requests(Gate(MAX_WAIT, 10, is_crowded=crowd, clock=clock))
    crowd.present = True
    requests.arrive("a")
    crowd.present = False
    gevent.sleep(0.2)
    assert requests.decided == [("a", True)]
