"""Run the gateway: ``python -m gateway [serve | dev-key | admin-code | openapi]``."""

import argparse
import asyncio
import sys
from functools import partial

import orjson
import uvloop
from prometheus_client import CollectorRegistry

from gateway.admin_code import ensure_admin_code
from gateway.dev_key import ensure_dev_key
from gateway.listener import open_listener, open_shared_listener, reserve_shared_port
from gateway.metrics_endpoint import (
    DIRECTORY_VARIABLE,
    clear_directory,
    forget_process,
    merged_registry,
)
from gateway.openapi import openapi_document
from gateway.process_group import run_processes
from gateway.server import serve
from gateway.settings import GatewaySettings
from schemas.errors import RivuletError
from schemas.logs import configure_logs
from schemas.metrics_endpoint import served
from schemas.settings import SettingsError, read_settings

_METRICS_PORT = "RIVULET_METRICS_PORT"


def main() -> int:
    """Run one command; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m gateway", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("serve", help="serve HTTP (the default)")
    commands.add_parser("dev-key", help="make the API key of the user dev, if it is missing")
    commands.add_parser("admin-code", help="make the code of the first admin, until there is one")
    commands.add_parser("openapi", help="print the OpenAPI document")
    # What `serve` starts when RIVULET_GATEWAY_PROCESSES is above 1.
    commands.add_parser("serve-shared")
    command = parser.parse_args().command or "serve"
    try:
        if command == "openapi":
            return _print_openapi()
        settings = GatewaySettings.read(read_settings())
        configure_logs("gateway", settings.log_level)
        return _COMMANDS[command](settings)
    except (SettingsError, RivuletError) as error:
        sys.exit(str(error))


def _serve(settings: GatewaySettings) -> int:
    if settings.processes > 1:
        return _serve_group(settings)
    registry = CollectorRegistry()
    with (
        open_listener(settings.host, settings.port) as listener,
        served(registry, settings.metrics_port, _METRICS_PORT),
    ):
        uvloop.run(serve(settings, registry, listener))
    return 0


def _serve_group(settings: GatewaySettings) -> int:
    directory = clear_directory(settings.data_dir)
    with (
        reserve_shared_port(settings.host, settings.port),
        served(merged_registry(directory), settings.metrics_port, _METRICS_PORT),
    ):
        asyncio.run(
            run_processes(
                settings.processes,
                {DIRECTORY_VARIABLE: str(directory)},
                partial(forget_process, directory),
                settings.drain_grace_s,
            )
        )
    return 0


def _serve_shared(settings: GatewaySettings) -> int:
    with open_shared_listener(settings.host, settings.port) as listener:
        uvloop.run(serve(settings, CollectorRegistry(), listener, end_with_parent=True))
    return 0


def _print_openapi() -> int:
    print(orjson.dumps(openapi_document(), option=orjson.OPT_INDENT_2).decode())
    return 0


def _make_dev_key(settings: GatewaySettings) -> int:
    print(uvloop.run(ensure_dev_key(settings)))
    return 0


def _make_admin_code(settings: GatewaySettings) -> int:
    path = uvloop.run(ensure_admin_code(settings))
    print(path or "There was a first admin already.")
    return 0


_COMMANDS = {
    "serve": _serve,
    "serve-shared": _serve_shared,
    "dev-key": _make_dev_key,
    "admin-code": _make_admin_code,
}

if __name__ == "__main__":
    sys.exit(main())
