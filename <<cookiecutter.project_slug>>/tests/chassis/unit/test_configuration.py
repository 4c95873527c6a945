"""Configuration: which source wins, and what stops the start."""

from pathlib import Path

import pytest
from tests.chassis.domain import settings as configuration

from chassis import settings
from chassis.settings import ConfigurationError, sources


<% if cookiecutter.__has_database %>
@pytest.fixture(autouse=True)
def required(monkeypatch: pytest.MonkeyPatch) -> None:
<% if cookiecutter.database == 'postgresql' %>
    monkeypatch.setenv("APP_DATABASE__URL", "postgresql+psycopg://db/app")
<% else %>
    monkeypatch.setenv("APP_DATABASE__URL", "sqlite:////var/lib/app.db")
<% endif %>


<% endif %>
@pytest.fixture
def config_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config.yaml"
    monkeypatch.setenv(settings.CONFIG_FILE, str(path))
    return path


@pytest.fixture
def secrets_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "secrets"
    path.mkdir()
    monkeypatch.setenv(settings.SECRETS_DIR, str(path))
    return path


def test_the_defaults_are_for_production() -> None:
    assert configuration.load().environment == "production"
    assert configuration.load().log.format == "json"


def test_the_environment_overrides_secret_files_and_these_the_config_file(
    config_file: Path, secrets_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config_file.write_text("server: {timeout: 1, keep_alive: 1, grace_period: 1}")
    (secrets_dir / "server__keep_alive").write_text("2")
    (secrets_dir / "server__grace_period").write_text("2")
    monkeypatch.setenv("APP_SERVER__GRACE_PERIOD", "3")
    server = configuration.load().server
    assert (server.timeout, server.keep_alive, server.grace_period) == (1, 2, 3)


def test_each_effective_value_has_its_source(
    config_file: Path, secrets_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config_file.write_text("server: {timeout: 1}")
    (secrets_dir / "server__keep_alive").write_text("2")
    monkeypatch.setenv("APP_SERVER__GRACE_PERIOD", "3")
    shown = settings.effective(configuration.load())
    effective = {key: (value, source) for key, value, source in shown}
    assert effective["server.timeout"] == (1, f"file {config_file}")
    assert effective["server.keep_alive"] == (2, f"secret file {secrets_dir}/server__keep_alive")
    assert effective["server.grace_period"] == (3, "environment variable APP_SERVER__GRACE_PERIOD")
    assert effective["environment"][1] == "default; APP_ENVIRONMENT would set it"


@pytest.mark.parametrize(
    ("variable", "value", "key"),
    [
        ("APP_SERVER__TIMEOUT", "soon", "server.timeout"),
        ("APP_SERVER__TIMEOUT", "0", "server.timeout"),
        ("APP_SERVER__TIMEOUTS", "5", "server.timeouts"),
        ("APP_LOG__LEVEL", "LOUD", "log.level"),
        ("APP_SERVER__BIND", "nowhere", "server.bind"),
        ("APP_SERVER__BIND", "127.0.0.1:65536", "server.bind"),
<% if cookiecutter.metrics %>
        ("APP_METRICS__BIND", "8081", "metrics.bind"),
<% endif %>
        ("APP_SERVRE__TIMEOUT", "5", "servre.timeout"),
        ("APP_SERVER__TIMEOUT__SOON", "5", "server.timeout.soon"),
        ("APP_ENVIRONMENT__NAME", "test", "environment.name"),
        ("APP_SERVER", '{"timeout": 5}', "server"),
        ("app_server__timeout", "soon", "server.timeout"),
    ],
)
def test_a_wrong_variable_is_named_in_one_line(
    variable: str, value: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError) as caught:
        configuration.load()
    message = str(caught.value)
    assert message.startswith(f"configuration: {key}: ")
    assert variable in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ("server: {timeout: soon}", "server.timeout"),
        ("server: {timeouts: 5}", "server.timeouts"),
        ("servers: {}", "servers"),
        ("server: 5", "server"),
    ],
)
def test_a_wrong_key_of_the_file_is_named_in_one_line(
    content: str, key: str, config_file: Path
) -> None:
    config_file.write_text(content)
    with pytest.raises(ConfigurationError) as caught:
        configuration.load()
    message = str(caught.value)
    assert message.startswith(f"configuration: {key}: ")
    assert message.endswith(f"(file {config_file})")
    assert "\n" not in message


@pytest.mark.parametrize("content", ["a: [", "- list", "plain text", "\t", "1: x"])
def test_a_file_that_cannot_be_read_is_named_in_one_line(content: str, config_file: Path) -> None:
    config_file.write_text(content)
    with pytest.raises(ConfigurationError) as caught:
        configuration.load()
    assert str(caught.value).startswith(f"configuration: {config_file}: not ")
    assert "\n" not in str(caught.value)


def test_a_mistake_in_the_file_is_told_without_its_content(config_file: Path) -> None:
    config_file.write_text("log: {level: DEBUG}\nserver: {bind: s3cr: t}")
    with pytest.raises(ConfigurationError) as caught:
        configuration.load()
    place = "not valid YAML in line 2, column 20"
    assert str(caught.value) == (
        f"configuration: {config_file}: {place}: expected ',' or '}}', but got ':'"
    )
    config_file.write_text(f"a: {'[' * 5000}")
    with pytest.raises(ConfigurationError, match=r"nested too deeply$"):
        configuration.load()


def test_a_wrong_secret_file_is_named_in_one_line(secrets_dir: Path) -> None:
    (secrets_dir / "..data").mkdir()
    for name, content in (("servre__timeout", "5"), ("server__timeout", "soon")):
        (secrets_dir / name).write_text(content)
        with pytest.raises(ConfigurationError) as caught:
            configuration.load()
        message = str(caught.value)
        assert message.endswith(f"(secret file {secrets_dir}/{name})")
        assert "\n" not in message
        (secrets_dir / name).unlink()
    configuration.load()


def test_a_secret_file_that_cannot_be_read_is_named_in_one_line(secrets_dir: Path) -> None:
    file = secrets_dir / "server__timeout"
    file.write_bytes(b"\xff")
    with pytest.raises(
        ConfigurationError, match=rf"server\.timeout: not text in UTF-8 \(secret file {file}\)$"
    ):
        configuration.load()
    file.unlink()
    file.mkdir()
    with pytest.raises(
        ConfigurationError, match=rf"server\.timeout: Is a directory \(secret file {file}\)$"
    ):
        configuration.load()


def test_a_list_that_cannot_be_read_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    class Longer(configuration.Settings):
        tags: tuple[str, ...] = ()

    def load() -> Longer:
        return settings.load(Longer, configuration.check)

    monkeypatch.setenv("APP_TAGS", '["one", "two"]')
    loaded = load()
    assert loaded.tags == ("one", "two")
    monkeypatch.setenv("APP_TAGS", "one, two")
    with pytest.raises(ConfigurationError, match=r'^configuration: .*"tags"'):
        load()


def test_each_fault_has_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_SERVER__TIMEOUT", "soon")
    monkeypatch.setenv("APP_LOG__LEVEL", "LOUD")
    with pytest.raises(ConfigurationError) as caught:
        configuration.load()
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize("variable", [settings.CONFIG_FILE, settings.SECRETS_DIR])
def test_a_path_that_does_not_exist_is_refused(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "/does/not/exist")
    with pytest.raises(ConfigurationError, match=variable):
        configuration.load()


<% if cookiecutter.metrics %>
@pytest.mark.parametrize(
    ("api", "metrics"),
    [
        ("127.0.0.1:8080", "127.0.0.1:8080"),
        ("0.0.0.0:8080", "127.0.0.1:8080"),
        ("127.0.0.1:8080", "[::]:8080"),
    ],
)
def test_one_port_is_not_for_two(api: str, metrics: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_SERVER__BIND", api)
    monkeypatch.setenv("APP_METRICS__BIND", metrics)
    with pytest.raises(ConfigurationError) as caught:
        configuration.load()
    assert str(caught.value) == (
        "configuration: metrics.bind: server.bind has the same port;"
        " leave this empty to serve the metrics there (environment variable APP_METRICS__BIND)"
    )
    for other in ("127.0.0.1:8081", "127.0.0.2:8080", ""):
        monkeypatch.setenv("APP_SERVER__BIND", "127.0.0.1:8080")
        monkeypatch.setenv("APP_METRICS__BIND", other)
        configuration.load()


<% endif %>
<% if cookiecutter.tracing == 'opentelemetry' %>
def test_the_url_of_the_collector_is_checked_too(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"):
        monkeypatch.setenv(variable, "http://user:abc@d@collector:4318")
        with pytest.raises(ConfigurationError, match=f"{variable}: .*%40") as caught:
            configuration.load()
        assert "abc" not in str(caught.value)
        monkeypatch.setenv(variable, "http://user:password@host:4318")
        configuration.load()


<% endif %>
def test_a_fault_ends_the_process_with_its_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_LOG__LEVEL", "LOUD")
    with pytest.raises(SystemExit) as caught:
        configuration.load_or_exit()
    assert "log.level" in str(caught.value.code)
<% if cookiecutter.__has_database %>


@pytest.mark.parametrize("others", [{}, {"APP_DATABASE__POOL_SIZE": "5"}])
def test_a_missing_key_is_named_with_the_variable_that_sets_it(
    monkeypatch: pytest.MonkeyPatch, others: dict[str, str]
) -> None:
    monkeypatch.delenv("APP_DATABASE__URL")
    for name, value in others.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as caught:
        configuration.load()
    assert str(caught.value) == (
        "configuration: database.url: Field required; set APP_DATABASE__URL"
    )


@pytest.mark.parametrize(
    ("url", "words"),
    [
<% if cookiecutter.database == 'sqlite' %>
        ("nonsense", "has to begin with sqlite://"),
        ("oracle://user:abc@host/name", "has to begin with sqlite://"),
        ("sqlite://host:s3cr", "not a valid URL of a database"),
<% else %>
        ("nonsense", "has to begin with postgresql+psycopg://"),
        ("oracle://user:abc@host/name", "has to begin with postgresql+psycopg://"),
        (
            "postgresql+psycopg://first:5432,second:5433/name",
            "not a valid URL of a database,"
            " several hosts are given as ?host=first:5432&host=second:5432",
        ),
<% endif %>
        (
            "sqlite://data.db",
            "SQLite has no host: three slashes begin a path, four an absolute one",
        ),
    ],
)
def test_the_url_of_another_database_is_refused(
    url: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APP_DATABASE__URL", url)
    with pytest.raises(ConfigurationError) as caught:
        configuration.load()
    source = "environment variable APP_DATABASE__URL"
    assert str(caught.value) == f"configuration: database.url: {words} ({source})"


def test_production_refuses_the_database_of_development(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_DATABASE__URL", "sqlite://")
    with pytest.raises(ConfigurationError, match=r"database\.url: .* development only"):
        configuration.load()
    monkeypatch.setenv("APP_ENVIRONMENT", "development")
    assert configuration.load().database.url.get_secret_value() == "sqlite://"


<% if cookiecutter.database == 'postgresql' %>
def test_a_password_that_is_not_escaped_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_DATABASE__URL", "postgresql+psycopg://app:p@ss/w#rd@db.internal/app")
    with pytest.raises(ConfigurationError) as caught:
        configuration.load()
    assert str(caught.value) == (
        "configuration: database.url: user name and password have to be escaped:"
        " @ is %40, / is %2F, : is %3A, ? is %3F, # is %23, % is %25, [ is %5B, ] is %5D"
        " (environment variable APP_DATABASE__URL)"
    )


<% endif %>
def test_all_but_the_password_of_the_database_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
<% if cookiecutter.database == 'postgresql' %>
    monkeypatch.setenv("APP_DATABASE__URL", "postgresql://user:password@host:5432/name?a=b")
    expected = "postgresql://user:***@host:5432/name?a=b"
<% else %>
    expected = "sqlite:////var/lib/a@b.db"
    monkeypatch.setenv("APP_DATABASE__URL", expected)
<% endif %>
    shown = {key: value for key, value, _ in settings.effective(configuration.load())}
    assert shown["database.url"] == expected
<% endif %>


def test_settings_that_are_read_again_stay_if_there_is_a_fault(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sources, "_current", [])
    first = configuration.load_or_exit()
    monkeypatch.setenv("APP_LOG__LEVEL", "LOUD")
    assert configuration.load_or_exit() is first
    (message,) = caplog.messages
    assert message.startswith("The settings stay as they are: configuration: log.level: ")


def test_current_settings_are_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_current", [])
    first = configuration.current_settings()
    monkeypatch.setenv("APP_LOG__LEVEL", "DEBUG")
    assert configuration.current_settings() is first
    assert configuration.load_or_exit() is configuration.current_settings() is not first
<% if cookiecutter.http_client %>


def test_production_refuses_faults_on_purpose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_UPSTREAMS__STOCK__FAULT_ERRORS", "0.5")
    with pytest.raises(ConfigurationError) as caught:
        configuration.load()
    assert str(caught.value) == (
        "configuration: upstreams.stock.fault_errors:"
        " injected faults are for development only"
        " (environment variable APP_UPSTREAMS__STOCK__FAULT_ERRORS)"
    )
    monkeypatch.setenv("APP_ENVIRONMENT", "development")
    assert configuration.load().upstreams.stock.has_faults


def test_an_upstream_has_a_url_of_http(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_UPSTREAMS__STOCK__URL", "stock:8080")
    with pytest.raises(ConfigurationError, match=r"upstreams\.stock\.url: .*http://"):
        configuration.load()


def test_the_password_of_an_upstream_is_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_UPSTREAMS__STOCK__URL", "http://user:password@host")
    loaded = configuration.load()
    assert loaded.upstreams.stock.url == "http://user:password@host"
    shown = {key: value for key, value, _ in settings.effective(loaded)}
    assert shown["upstreams.stock.url"] == "http://user:***@host"
    monkeypatch.setenv("APP_UPSTREAMS__STOCK__URL", "http://user:abc@d@host")
    with pytest.raises(ConfigurationError, match=r"\.stock\.url: .*%40") as caught:
        configuration.load()
    assert "abc" not in str(caught.value)
<% endif %>
