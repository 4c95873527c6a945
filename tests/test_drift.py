"""`make drift` names what the newest versions break, for which answers and since which version."""

import io
import json
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tools import index, matrix
from tools.checker.file import Fault
from tools.combinations import DEFAULT, describe, every, go_together
from tools.drift import __main__ as command
from tools.drift import bisection, causes, jobs, net
from tools.drift.copies import Copy
from tools.drift.jobs import INSTALLATION, JOBS, SERVICES, Breakage
from tools.drift.mixes import Locks, Mix, Upgrade, between, coherent, mix, upgrades
from tools.drift.report import markdown
from tools.drift.search import Search
from tools.template import REPOSITORY
from tools.versions import Change

RELEASES = ["1.0", "1.1", "1.2", "1.3", "2.0", "2.1"]


class TestBisection:
    items = tuple("abcdefghijklmnop")

    @pytest.mark.parametrize("guilty", [*combinations("amp", 1), *combinations("amp", 2), "abc"])
    def test_what_fails_only_together_is_found(self, guilty):
        def fails(some):
            return {*guilty} <= {*some}

        assert bisection.culprits(self.items, fails) == [list(guilty)]

    def test_each_that_fails_alone_is_found(self):
        def fails(some):
            return not {"b", "n"}.isdisjoint(some) or {"c", "d"} <= {*some}

        found = bisection.culprits(self.items, fails)
        assert sorted(found) == [["b"], ["c", "d"], ["n"]]

    def test_halves_are_asked_about_and_not_every_item(self):
        asked = []

        def fails(some):
            asked.append(some)
            return "k" in some

        assert bisection.smallest(self.items, fails) == ["k"]
        assert len(asked) < 9

    def test_what_cannot_be_known_is_searched_around(self):
        # a and b do not work apart.
        def fails(some):
            return None if ("a" in some) != ("b" in some) else "a" in some

        assert bisection.culprits(self.items, fails) == [["a", "b"]]

    @pytest.mark.parametrize("bad", range(len(RELEASES)))
    def test_the_first_bad_is_found(self, bad):
        def fails(release):
            return RELEASES.index(release) >= bad

        assert bisection.first(RELEASES, fails) == RELEASES[bad]

    def test_the_first_bad_of_which_it_can_be_known_is_found(self):
        known = {"1.0": False, "1.3": True, "2.1": True}
        assert bisection.first(RELEASES, known.get) == "1.3"


OLD = Locks(
    tools={"ruff": ("1.0",)},
    services={"flask": ("1.0",), "idna": ("1.0",), "api": ("1.0",), "sdk": ("1.0",), "six": ("1",)},
)
NEW = Locks(
    tools={"ruff": ("1.1",)},
    services={"flask": ("2.1",), "idna": ("2.1",), "api": ("2.0",), "sdk": ("2.0",), "new": ("3",)},
)
UPGRADES = upgrades(OLD, NEW)
API, FLASK, IDNA, SDK = (upgrade for upgrade in UPGRADES if upgrade.owner == "services")
(RUFF,) = (upgrade for upgrade in UPGRADES if upgrade.owner == "tools")


class TestMixes:
    def test_upgrades_are_of_packages_that_both_locks_have(self):
        assert [upgrade.name for upgrade in UPGRADES] == ["ruff", "api", "flask", "idna", "sdk"]

    def test_a_mix_is_of_locked_newest_and_other_versions(self):
        found = mix(OLD, NEW, [FLASK, IDNA], {IDNA: "==1.2"})
        services = "api==1.0\nflask==2.1\nidna==1.2\nnew==3\nsdk==1.0\nsix==1\n"
        assert found == Mix("ruff==1.0\n", services)
        assert mix(OLD, NEW, [RUFF], {}).tools == "ruff==1.1\n"

    def test_several_versions_of_a_package_are_bounds(self):
        old = Locks({"cloudcoil": ("0.6", "0.7")}, {})
        assert mix(old, old, [], {}) == Mix("cloudcoil>=0.6,<=0.7\n", "")

    def test_a_package_can_become_older(self):
        assert between(Upgrade("services", Change("x", ("2.0",), ("1.10",)))) == ">=1.10,<=2.0"

    def test_what_requires_exact_versions_is_upgraded_together(self):
        requires = {
            ("services", "sdk"): [Requirement("Api==2.0"), Requirement("flask>=2,<3")],
            ("services", "api"): [Requirement("idna~=2.0")],
            ("tools", "ruff"): [Requirement("flask==2.1")],
        }
        assert coherent(UPGRADES, requires) == [(API, SDK), (FLASK,), (IDNA,), (RUFF,)]

    def test_ties_are_joined_whatever_their_order(self):
        requires = {
            ("services", "api"): [Requirement("sdk==2.0")],
            ("services", "idna"): [Requirement("flask==2.1")],
            ("services", "sdk"): [Requirement("flask==2.1")],
        }
        assert coherent(UPGRADES, requires) == [(API, FLASK, IDNA, SDK), (RUFF,)]


def chosen(upgraded, bounds):
    """The versions that a resolver chooses, of packages that all have the same releases."""
    found = {name: versions[0] for name, versions in OLD.services.items()}
    for upgrade in upgraded:
        bound = SpecifierSet(bounds.get(upgrade, f"=={upgrade.change.new[0]}"))
        found[upgrade.name] = max(bound.filter(RELEASES))
    return found


class TestCauses:
    groups = ((API, SDK), (FLASK,), (IDNA,))

    def search(self, fails, groups=groups):
        return causes.search(
            list(groups), lambda *given: fails(chosen(*given)), lambda name: RELEASES
        )

    def test_the_package_and_its_first_bad_version_are_found(self):
        verdict = self.search(lambda versions: versions["flask"] >= "1.2")
        assert verdict == ([[(FLASK, "1.2", ())]], "")

    def test_several_packages_are_found(self):
        verdict = self.search(lambda v: v["flask"] >= "1.2" or v["idna"] >= "2.0")
        assert verdict.causes == [[(FLASK, "1.2", ())], [(IDNA, "2.0", ())]]

    def test_a_pair_is_found(self):
        verdict = self.search(lambda v: v["flask"] >= "1.2" and v["idna"] >= "2.0")
        assert verdict.causes == [[(FLASK, "1.2", ()), (IDNA, "2.0", ())]]

    def test_packages_that_belong_together_are_one_cause(self):
        verdict = self.search(lambda v: v["sdk"] >= "2.0")
        assert verdict.causes == [[(API, "1.1", (SDK,))]]

    def test_packages_that_belong_together_follow_the_version_that_is_tried(self):
        tried = []

        def fails(upgraded, bounds):
            tried.append({upgrade.name: bound for upgrade, bound in bounds.items()})
            return API in upgraded

        causes.search([(API, SDK), (FLASK,)], fails, lambda name: RELEASES)
        assert {"api": "==1.2", "sdk": ">=1.0,<=2.0"} in tried

    def test_versions_that_do_not_go_together_are_left_out(self):
        def fails(versions):
            return None if versions["flask"] in ("1.1", "1.3") else versions["flask"] >= "1.2"

        assert self.search(fails).causes == [[(FLASK, "1.2", ())]]

    def test_an_older_version_is_found(self):
        older = Upgrade("services", Change("x", ("2.0",), ("1.1",)))

        def fails(upgraded, bounds):
            version = bounds.get(older, "==1.1") if upgraded else "==2.0"
            return version in ("==1.1", "==1.2")

        verdict = causes.search([(older,)], fails, lambda name: RELEASES)
        assert verdict.causes == [[(older, "1.2", ())]]

    def test_what_fails_on_the_locked_versions_is_told(self):
        assert self.search(lambda versions: True) == ([], causes.LOCKED_TOO)

    def test_what_does_not_fail_again_is_told(self):
        assert self.search(lambda versions: False) == ([], causes.NOT_AGAIN)

    def test_locked_versions_that_are_gone_are_told(self):
        assert self.search(lambda versions: None) == ([], causes.LOCKED_UNKNOWN)

    def test_the_time_can_be_over(self):
        def fails(versions):
            raise causes.TimeIsOver

        assert self.search(fails) == ([], causes.NO_TIME)


class FakeCopy:
    def requires(self):
        return {}


class FakeJob:
    """Something that is broken by versions of packages of services."""

    owners = ("services",)

    def __init__(self, name, breaks):
        self.name = name
        self.breaks = breaks
        self.asked = []

    def run(self, copy):
        return self.broken("".join(f"{n}=={v[0]}\n" for n, v in NEW.services.items()))

    def run_again(self, copy, versions, broken):
        assert versions not in self.asked
        self.asked.append(versions)
        return self.broken(versions.services)

    def broken(self, services):
        if "flask==2.1" in services and "idna==1.0" in services:
            raise index.UnsolvableError
        return {
            what: Breakage("no", [self.name])
            for what, bad in self.breaks.items()
            if bad in services
        }


def findings(*jobs_, until=float("inf"), monkeypatch):
    monkeypatch.setattr(index, "releases", lambda name: RELEASES)
    return Search(FakeCopy(), OLD, NEW, until).findings(jobs_)


class TestSearch:
    def test_causes_are_found_for_all_answers_at_once(self, monkeypatch):
        first = FakeJob("first", {"t::a": "api==2.0", "t::b": "sdk==2.0"})
        second = FakeJob("second", {"t::c": "api==2.0", "t::a": "api==2.0"})
        found = findings(first, second, monkeypatch=monkeypatch)
        assert [(finding.what, finding.breakage.answers) for finding in found] == [
            ("t::a", ["first", "second"]),
            ("t::b", ["first"]),
            ("t::c", ["second"]),
        ]
        for finding, guilty in zip(found, (API, SDK, API), strict=True):
            assert finding.verdict.causes == [[(guilty, "2.0", ())]]

    def test_of_versions_that_do_not_go_together_nothing_is_known(self):
        search = Search(FakeCopy(), OLD, NEW, float("inf"))
        ask = search.fails(FakeJob("x", {}), "t::a", {})
        assert ask([FLASK], {}) is None
        assert ask([FLASK, IDNA], {}) is False

    def test_versions_that_do_not_go_together_are_not_the_cause(self, monkeypatch):
        (found,) = findings(FakeJob("x", {"t::a": "idna==2.1"}), monkeypatch=monkeypatch)
        assert found.verdict.causes == [[(IDNA, "2.1", ())]]

    def test_a_test_that_could_not_be_run_is_not_good(self, monkeypatch):
        # With the newer api its module cannot be imported, which hides the fault of sdk.
        job = FakeJob("x", {"t": "api==2.0", "t::a": "sdk==2.0"})
        job.breaks = {**job.breaks}
        search = Search(FakeCopy(), OLD, NEW, float("inf"))
        ask = search.fails(job, "t::a", {})
        job.breaks.pop("t::a")
        assert ask([API], {}) is None
        assert ask([SDK], {}) is False
        installation = search.fails(FakeJob("y", {INSTALLATION: "api==2.0"}), "t::a", {})
        assert installation([API], {}) is None

    def test_no_run_begins_after_the_time_is_over(self, monkeypatch):
        job = FakeJob("x", {"t::a": "api==2.0"})
        (found,) = findings(job, until=0, monkeypatch=monkeypatch)
        assert found.verdict == ([], causes.NO_TIME)
        assert job.asked == []


TESTS = """
import pytest

@pytest.mark.parametrize("text", ["a b", "c"])
def test_one(text):
    assert text == "c", "it is\\nnot"

class TestMore:
    def test_two(self):
        raise ValueError("two")

def test_three():
    pass
"""


@pytest.fixture
def suite(tmp_path):
    """A directory with tests, some of which fail."""
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (tmp_path / "test_it.py").write_text(TESTS, encoding="utf-8")
    (tmp_path / "test_other.py").write_text("import nothing_of_this_name\n", encoding="utf-8")
    return tmp_path


PYTEST = (sys.executable, "-m", "pytest", "-p", "no:xdist", "-p", "no:cloudcoil", "-p", "no:anyio")


class TestJobs:
    def test_failed_tests_are_named_with_what_they_say(self, suite):
        failed = jobs.run_tests(suite, *PYTEST)
        assert set(failed) == {
            "test_it.py::test_one[a b]",
            "test_it.py::TestMore::test_two",
            "test_other.py",
        }
        assert failed["test_it.py::test_one[a b]"].startswith("AssertionError: it is")
        assert failed["test_it.py::TestMore::test_two"] == "ValueError: two"

    def test_failed_tests_can_be_run_again_by_their_names(self, suite):
        failed = jobs.run_tests(suite, *PYTEST)
        assert jobs.run_tests(suite, *PYTEST, *failed) == failed
        assert set(jobs.run_tests(suite, *PYTEST, "test_other.py")) == {"test_other.py"}
        assert jobs.run_tests(suite, *PYTEST, "test_it.py::test_three") == {}

    def test_a_command_that_fails_without_a_test_is_named(self, suite):
        assert jobs.run_tests(suite, "sh", "-c", "echo some; echo more; exit 3") == {
            "sh -c": "more"
        }

    def test_only_what_failed_is_run_again(self):
        own, chassis = "tests/colors/test_api.py::test_x", "tests/chassis/unit/test_y.py::test_y"
        assert jobs.commands([chassis, own]) == [
            (".venv/bin/pytest", own),
            (".venv/bin/pytest", chassis),
        ]
        assert jobs.commands([own]) == [(".venv/bin/pytest", own)]
        assert jobs.commands([own, "make test"]) == list(jobs.WHOLE)

    def test_services_are_tested_as_make_test_all_does(self, bake):
        makefile = (bake() / "Makefile").read_text(encoding="utf-8")
        targets = " ".join(target for _, target in jobs.WHOLE)
        assert f"\ntest-all: {targets} ##" in makefile
        assert "\ntest-all: export FUZZ = whole\n" in makefile

    def test_the_services_can_be_generated(self):
        for service in SERVICES:
            assert go_together(DEFAULT | service.answers)
            assert service.reason
        assert len({job.name for job in JOBS}) == len(JOBS)

    def test_an_installation_that_fails_is_named(self, monkeypatch, tmp_path):
        def fail(service):
            raise index.UnsolvableError("no wheel")

        monkeypatch.setattr(jobs.environment, "install", fail)
        monkeypatch.setattr(jobs.Service, "render", lambda self, copy: tmp_path)
        assert SERVICES[0].run(FakeCopy()) == {INSTALLATION: ("no wheel", ["default"])}

    def test_tests_that_do_not_start_are_neither_good_nor_bad(self, monkeypatch, tmp_path):
        monkeypatch.setattr(jobs.Service, "render", lambda self, copy: tmp_path)
        monkeypatch.setattr(jobs, "lock", lambda service, constraints: None)
        monkeypatch.setattr(jobs.environment, "install", lambda service: None)
        broken = {"tests/test_x.py::test_x": Breakage("", [])}
        says = {"tests/test_x.py::test_x": "no"}
        monkeypatch.setattr(jobs, "run_tests", lambda service, *command: says)
        found = SERVICES[0].run_again(FakeCopy(), Mix("", ""), broken)
        assert found == {"tests/test_x.py::test_x": ("no", ["default"])}
        says = {f"{jobs.PYTEST} tests/test_x.py::test_x": "ImportError"}
        with pytest.raises(index.UnsolvableError):
            SERVICES[0].run_again(FakeCopy(), Mix("", ""), broken)

    @pytest.mark.parametrize("step", ["install", "run"])
    def test_checks_that_do_not_start_are_named(self, step):
        class BadCopy:
            python, packages = Path("python"), Path("packages")

            def install(self):
                if step == "install":
                    raise index.UnsolvableError("why")

            def run(self, *command, given):
                raise index.UnsolvableError("why")

        name = {"install": INSTALLATION, "run": jobs.CHECKS}[step]
        assert jobs.Net().run(BadCopy()) == {name: ("why", ["default"])}

    def test_the_net_checks_what_broke_for_the_first_answers_only(self, monkeypatch):
        first, *_, last = every()
        checked = []

        class NetCopy:
            python, packages = Path("python"), Path("packages")

            def renew(self, versions):
                checked.append(versions)

            def install(self):
                pass

            def run(self, *command, given):
                checked.append(json.loads(given))
                return json.dumps({"a fault": [describe(last)]})

        found = jobs.Net().run(NetCopy())
        assert found == {"a fault": ("", [describe(last)])}
        assert checked == [every()]
        assert jobs.Net().run_again(NetCopy(), Mix("", ""), found) == found
        assert checked[1:] == [Mix("", ""), [last]]
        assert first != last

    def test_all_files_are_looked_at_in_the_copy(self, monkeypatch, capsys):
        def look_at_all(family, looks):
            assert family.environment == Path("environment")
            assert looks == [matrix.Look("words")]
            without = family.space.where(metrics=False)
            yield looks[0], [Fault("a fault", without), Fault("other", family.space.always)]
            yield looks[0], [Fault("a fault", family.space.where(database="none"))]

        monkeypatch.setattr(matrix, "looks", lambda family: [matrix.Look("words")])
        monkeypatch.setattr(matrix, "look_at_all", look_at_all)
        monkeypatch.setattr(sys, "argv", ["net", "environment"])
        given = [DEFAULT, DEFAULT | {"database": "none"}, DEFAULT | {"metrics": False}]
        monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(given)))
        net.main()
        assert json.loads(capsys.readouterr().out) == {
            "a fault": ["database=none", "metrics=false"],
            "other": ["default", "database=none", "metrics=false"],
        }


REPORT = """# Newest versions

2 broke, of checks, default:

- `t::a`: no
  - with default; minimal
  - since flask 1.2 (locked 1.0, newest 2.1) together with api 1.1 (locked 1.0, newest 2.0, upgraded with sdk)
  - since ruff 1.1 of tools (locked 1.0, newest 1.1)

- `a fault`
  - with default
  - fails on the locked versions as well

## Packages

- services: flask 1.0 -> 2.1
"""


class TestReport:
    def test_it_names_what_broke_for_which_answers_and_since_when(self):
        cause = [causes.Since(FLASK, "1.2", ()), causes.Since(API, "1.1", (SDK,))]
        found = [
            (
                "t::a",
                Breakage("no", ["default", "minimal"]),
                causes.Verdict([cause, [causes.Since(RUFF, "1.1", ())]]),
            ),
            ("a fault", Breakage("", ["default"]), causes.Verdict([], causes.LOCKED_TOO)),
        ]
        given = [command.Finding(*finding) for finding in found]
        assert markdown(["services: flask 1.0 -> 2.1"], given, ["checks", "default"]) == REPORT

    def test_it_says_that_nothing_broke(self):
        assert "\nNothing broke: checks, default.\n" in markdown([], [], ["checks", "default"])


@pytest.fixture
def locks(monkeypatch):
    """Replaces the locks of copies by old ones, and by new ones once they are renewed."""
    found = {"old": OLD, "new": NEW}

    def renew(self, versions=None):
        if isinstance(found["new"], Exception):
            raise found["new"]
        self.renewed = True
        return ["services: flask 1.0 -> 2.1"]

    monkeypatch.setattr(Copy, "__init__", lambda self, directory: setattr(self, "renewed", False))
    monkeypatch.setattr(Copy, "locks", lambda self: found["new" if self.renewed else "old"])
    monkeypatch.setattr(Copy, "renew", renew)
    monkeypatch.setattr(Copy, "requires", lambda self: {})
    monkeypatch.setattr(index, "releases", lambda name: RELEASES)
    return found


def run(monkeypatch, tmp_path, *jobs_, arguments=()):
    """Runs the command; returns its status and the report in its file."""
    monkeypatch.setattr(command, "JOBS", jobs_)
    path = tmp_path / "report.md"
    monkeypatch.setattr(sys, "argv", ["drift", "--output-file", str(path), *arguments])
    with pytest.raises(SystemExit) as ended:
        command.main()
    return ended.value.code, path.read_text(encoding="utf-8") if path.exists() else None


class TestCommand:
    def test_nothing_newer_is_told(self, locks, monkeypatch, tmp_path, capsys):
        locks["new"] = OLD
        status, report = run(monkeypatch, tmp_path, FakeJob("x", {"t::a": ""}))
        assert status == 0
        assert report.startswith("# Newest versions\n\nNothing became newer.\n")
        assert capsys.readouterr().out == report

    def test_nothing_broken_is_told(self, locks, monkeypatch, tmp_path):
        status, report = run(monkeypatch, tmp_path, FakeJob("x", {}))
        assert (status, "Nothing broke: x." in report) == (0, True)

    def test_what_broke_is_told(self, locks, monkeypatch, tmp_path, capsys):
        status, report = run(monkeypatch, tmp_path, FakeJob("x", {"t::a": "api==2.0"}))
        assert status == 1
        assert "- `t::a`: no\n  - with x\n  - since api 2.0 (locked 1.0, newest 2.0)\n" in report
        assert capsys.readouterr().out == report

    def test_only_jobs_whose_packages_are_newer_are_run(self, locks, monkeypatch, tmp_path):
        locks["new"] = NEW._replace(services=OLD.services)
        status, report = run(monkeypatch, tmp_path, FakeJob("x", {"t::a": ""}))
        assert (status, "Nothing became newer." in report) == (0, True)

    def test_jobs_can_be_chosen(self, locks, monkeypatch, tmp_path):
        given = (FakeJob("x", {}), FakeJob("y", {}))
        assert "Nothing broke: y." in run(monkeypatch, tmp_path, *given, arguments=["y"])[1]
        assert run(monkeypatch, tmp_path, *given, arguments=["z"])[0] == 2

    @pytest.mark.parametrize(
        ("error", "status", "says"),
        [
            (index.UnreachableError("why"), 3, "why"),
            (index.UnsolvableError("why"), 1, "why"),
        ],
    )
    def test_trouble_is_a_sentence(self, locks, monkeypatch, tmp_path, capsys, error, status, says):
        locks["new"] = error
        code, report = run(monkeypatch, tmp_path, FakeJob("x", {}))
        printed = capsys.readouterr()
        assert (code, printed.err) in [(status, f"{says}\n"), (says, "")]
        assert (printed.out, report) == ("", None)

    def test_trouble_of_a_search_is_a_sentence(self, locks, monkeypatch, tmp_path, capsys):
        def fail(name):
            raise index.UnreachableError("gone")

        monkeypatch.setattr(index, "releases", fail)
        status, report = run(monkeypatch, tmp_path, FakeJob("x", {"t::a": "api==2.0"}))
        assert (status, report) == (3, None)
        assert capsys.readouterr().err.endswith("\ngone\n")


class TestCopy:
    def test_it_has_the_locks_and_the_template(self, tmp_path):
        copy = Copy(tmp_path)
        assert copy.locks().services["flask"]
        assert copy.locks().tools["cookiecutter"]
        assert (copy.template / "pyproject.toml").is_file()
        assert (copy.root / "{{cookiecutter.project_slug}}").is_symlink()
        assert not {".git", ".venv"} & {path.name for path in copy.root.iterdir()}

    def test_its_locks_are_renewed_and_not_those_of_the_repository(self, tmp_path, monkeypatch):
        copy = Copy(tmp_path)
        asked = []

        def run_(arguments, **options):
            asked.append((arguments[1:], options["cwd"]))
            return subprocess.CompletedProcess([], 0, "services: a\ntools: b\n", "")

        monkeypatch.setattr(subprocess, "run", run_)
        assert copy.renew(Mix("a==1\n", "b==2\n")) == ["services: a", "tools: b"]
        ((arguments, place),) = asked
        assert place == copy.root != REPOSITORY
        assert arguments[:2] == ("-m", "tools.lock")
        assert dict(zip(arguments[2::2], arguments[3::2], strict=True)) == {
            "--tools-constraints": str(tmp_path / "tools.txt"),
            "--services-constraints": str(tmp_path / "services.txt"),
        }
        assert (tmp_path / "services.txt").read_text(encoding="utf-8") == "b==2\n"

    @pytest.mark.parametrize(
        ("status", "kind"), [(1, index.UnsolvableError), (3, index.UnreachableError)]
    )
    def test_a_command_that_fails_says_why(self, tmp_path, status, kind):
        copy = Copy(tmp_path)
        code = f"import sys; print('why', file=sys.stderr); sys.exit({status})"
        with pytest.raises(kind, match="why"):
            copy.run(sys.executable, "-c", code)
