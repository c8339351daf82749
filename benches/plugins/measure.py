#!/usr/bin/env python3
"""What each built-in plugin costs in a real Envoy, against the same Envoy without it.

    ENVOY_BIN=… python3 measure.py MODULES [NAME…] [--theirs WHEEL] [--pairs 40] [--runs 3] [--together] [--readme]

MODULES is the folder with the built modules (`target/plugins/wasm32-unknown-unknown/release` after `xtask plugins`). Needs
wrk (Debian's package). Runs with and without the plugin take turns, and the medians of the differences are told: a busy
machine disturbs both alike. CPU time is Envoy's own, from /proc, so it does not count who else had the processor (but who
else had its caches); it is taken of many pairs of short runs, with a client of our own: wrk cannot run for less than a
second. Latencies are wrk's. WHEEL is PyPI's gpustack-higress-plugins (`pip download --no-deps`); their ABI's name is changed
in a copy, because Envoy knows only the official one. --together compares plugins: CPU alone, of all named ones in turns.
--readme writes the numbers into ../../plugins/README.md.
"""

import argparse
import base64
import email.utils
import hashlib
import hmac
import json
import os
import pathlib
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile

HERE = pathlib.Path(__file__).parent
CONNECTIONS = 8
ROUNDS = 60
# So many rounds, and V8 has compiled what is hot.
WARM = 400
HTTP = "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
WASM = "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm"
ROUTER = {"name": "router", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}}
STRING = "type.googleapis.com/google.protobuf.StringValue"
SERVICE = "outbound|8080||service.test"


def address(port):
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def listener(name, case, module):
    """A listener that answers by itself; `module`: through a plugin."""
    filters = [ROUTER]
    if module:
        configuration = json.dumps(case["config"], separators=(",", ":"), sort_keys=True)
        vm = {"runtime": "envoy.wasm.runtime.v8", "code": {"local": {"filename": str(module)}}}
        config = {"name": name, "root_id": name, "vm_config": vm, "configuration": {"@type": STRING, "value": configuration}}
        filters.insert(0, {"name": "plugin", "typed_config": {"@type": WASM, "config": config}})
    answer = {"status": 200, "body": {"inline_string": case.get("answer", '{"ok":true}')}}
    headers = [{"header": {"key": "content-type", "value": case.get("type", "application/json")}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}]
    route = {"match": {"prefix": "/"}, "direct_response": answer, "response_headers_to_add": headers}
    manager = {
        "@type": HTTP, "stat_prefix": name, "http_filters": filters,
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}]},
    }
    return {"name": name, "address": address(0), "filter_chains": [{"filters": [{"name": "hcm", "typed_config": manager}]}]}


class Envoy:
    """A running Envoy."""

    def __init__(self, listeners, workers=1, service=9):
        self.folder = tempfile.TemporaryDirectory()
        folder = pathlib.Path(self.folder.name)
        endpoint = {"endpoint": {"address": address(service)}}
        cluster = {
            "name": SERVICE, "type": "STATIC", "connect_timeout": "2s",
            "load_assignment": {"cluster_name": SERVICE, "endpoints": [{"lb_endpoints": [endpoint]}]},
        }
        bootstrap = {"admin": {"address": address(0)}, "static_resources": {"listeners": listeners, "clusters": [cluster]}}
        (folder / "envoy.json").write_text(json.dumps(bootstrap))
        begin = time.monotonic()
        self.process = subprocess.Popen(
            [os.environ["ENVOY_BIN"], "-c", folder / "envoy.json", "--admin-address-path", folder / "admin", "--concurrency", str(workers),
             "--use-dynamic-base-id", "--log-level", "warn", "--log-path", folder / "log"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.admin = None
        while not self.ready(folder / "admin"):
            if self.process.poll() is not None or time.monotonic() - begin > 120:
                raise SystemExit("Envoy did not start:\n" + (folder / "log").read_text())
            time.sleep(0.01)
        self.start_cpu = self.cpu()
        lines = self.ask("/listeners").splitlines()
        self.ports = {line.split("::")[0]: int(line.rsplit(":", 1)[1]) for line in lines}

    def ready(self, file):
        try:
            self.admin = file.read_text().strip()
            return self.ask("/ready").startswith("LIVE")
        except (OSError, ValueError):
            return False

    def ask(self, path):
        with urllib.request.urlopen(f"http://{self.admin}{path}", timeout=5) as answer:
            return answer.read().decode()

    def cpu(self):
        """Seconds of processor time so far."""
        threads = pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9

    def memory(self):
        """Resident bytes that are no file's."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"RssAnon:\s+(\d+)", status)[1]) * 1024

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.folder.cleanup()


def headers(case):
    """The header lines of a case; a signature is made anew, because it is good for a while only."""
    lines = list(case.get("headers", []))
    if "signs" in case:
        date = email.utils.formatdate(usegmt=True)
        text = f"{case['signs']['key']}\nGET {case.get('path', '/')}\ndate: {date}\n"
        mac = base64.b64encode(hmac.digest(case["signs"]["secret"].encode(), text.encode(), hashlib.sha256)).decode()
        names = 'algorithm="hmac-sha256",headers="@request-target date"'
        lines += [f"date: {date}", f'authorization: Signature keyId="{case["signs"]["key"]}",{names},signature="{mac}"']
    return lines


class Client:
    """Some connections, each with a request under way."""

    def __init__(self, port, case):
        self.sockets = [socket.create_connection(("127.0.0.1", port)) for _ in range(CONNECTIONS)]
        lines = [f"GET {case.get('path', '/')} HTTP/1.1", "host: 127.0.0.1", *headers(case)]
        self.request = ("\r\n".join(lines) + "\r\n\r\n").encode()

    def run(self, rounds):
        for _ in range(rounds):
            for one in self.sockets:
                one.sendall(self.request)
            for one in self.sockets:
                self.receive(one)

    @staticmethod
    def receive(one):
        """Takes an answer in: of announced length, or in chunks."""
        data = one.recv(65536)
        while True:
            head, found, body = data.partition(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head) if found else None
            if found and (len(body) >= int(length[1]) if length else body.endswith(b"0\r\n\r\n")):
                break
            data += one.recv(65536)
        if not data.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"not 200: {data[:300]}")


def spent(envoy, client, rounds=ROUNDS):
    """CPU seconds for each request."""
    before = envoy.cpu()
    client.run(rounds)
    return (envoy.cpu() - before) / (rounds * CONNECTIONS)


def seconds(text):
    value, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(value) * {"us": 1e-6, "ms": 1e-3, "s": 1}[unit]


def latencies(envoy, name, case):
    """p50 and p99 of a second under full load."""
    lines = [part for header in headers(case) for part in ("-H", header)]
    url = f"http://127.0.0.1:{envoy.ports[name]}{case.get('path', '/')}"
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", "-d1s", "--latency", *lines, url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if wrong := re.search(r"Non-2xx or 3xx responses: (\d+)", said):
        raise SystemExit(f"{name}: {wrong[0]}\n{said}")
    part = lambda percent: seconds(re.search(rf"^ +{percent}% +(\S+)$", said, re.MULTILINE)[1])
    return part(50), part(99)


def started(listeners, case, workers, service):
    """Processor time at the start, and memory after some requests."""
    with Envoy(listeners, workers=workers, service=service) as envoy:
        for entry in listeners:
            Client(envoy.ports[entry["name"]], case).run(WARM // 2)
        return envoy.start_cpu, envoy.memory()


def measure(name, case, module, options, service, bare):
    """All numbers of one plugin. `bare`: what an Envoy without plugins needs, with one worker and with five."""
    both = [listener("without", case, None), listener("with", case, module)]
    cpu, waits = [], []
    with Envoy(both, service=service) as envoy:
        clients = [Client(envoy.ports[which], case) for which in ("without", "with")]
        for client in clients:
            client.run(WARM)
        for _ in range(options.pairs):
            without, with_it = (spent(envoy, client) for client in clients)
            cpu.append(with_it - without)
        for _ in range(options.runs):
            without, with_it = (latencies(envoy, which, case) for which in ("without", "with"))
            waits.append([b - a for a, b in zip(without, with_it)])
    p50, p99 = (statistics.median(column) for column in zip(*waits))
    (none_1, none_5), (one_1, one_5) = bare, (started([listener("with", case, module)], case, workers, service) for workers in (1, 5))
    start_cpu = one_1[0] - none_1[0]
    memory = (one_5[1] - one_1[1] - none_5[1] + none_1[1]) / 4
    return {
        "name": name, "size": module.stat().st_size, "cpu_us": statistics.median(cpu) * 1e6, "p50_us": p50 * 1e6, "p99_us": p99 * 1e6,
        "memory_kb": memory / 1024, "start_cpu_ms": start_cpu * 1e3,
    }


def compare(jobs, options, service):
    """What each adds in CPU, all in one Envoy and in turns, so that whatever disturbs disturbs them alike."""
    listeners = [listener(f"{which} {i}", case, module if which == "with" else None) for i, (_, case, module) in enumerate(jobs) for which in ("without", "with")]
    with Envoy(listeners, service=service) as envoy:
        pairs = [[Client(envoy.ports[f"{which} {i}"], case) for which in ("without", "with")] for i, (_, case, _) in enumerate(jobs)]
        for client in (client for pair in pairs for client in pair):
            client.run(WARM)
        rounds = [[spent(envoy, with_it) - spent(envoy, without) for without, with_it in pairs] for _ in range(options.pairs)]
    for (name, _, _), column in zip(jobs, zip(*rounds)):
        print(f"{name}: {statistics.median(column) * 1e6:.1f} µs")


README = HERE.parent.parent / "plugins" / "README.md"
HEAD = "| plugin | CPU, µs per request | p50, µs | p99, µs | memory per worker, KB | CPU of the start, ms | KB |\n| --- | --- | --- | --- | --- | --- | --- |\n"


def row(r):
    name = r["name"] if "theirs" not in r else f"gpustack's {r['theirs']}"
    numbers = f"{r['cpu_us']:.1f} | {r['p50_us']:.0f} | {r['p99_us']:.0f} | {r['memory_kb']:.0f} | {r['start_cpu_ms']:.0f} | {r['size'] / 1000:.0f}"
    return f"| {name} | {numbers} |\n".replace(" -0.0 |", " 0.0 |")


def table(results):
    """As it stands in the README: ours by name, then theirs."""
    return HEAD + "".join(row(r) for r in sorted(results, key=lambda r: ("theirs" in r, r["name"])))


def write_readme(results):
    """Puts the table, and the sizes of the list above it, into the README."""
    text = README.read_text()
    start = text.index(HEAD)
    end = text.index("\n\n", start) + 1
    text = text[:start] + table(results) + text[end:]
    for r in results:
        if "theirs" not in r:
            text = re.sub(rf"(?m)^(\| \[{r['name']}\]\(.*\| )\d+ KB \|$", rf"\g<1>{r['size'] / 1000:.0f} KB |", text)
    README.write_text(text)


def leb(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def to_leb(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def from_wheel(wheel, name):
    """A plugin's module."""
    with zipfile.ZipFile(wheel) as files:
        return files.read(next(file for file in files.namelist() if f"/{name}/" in file and file.endswith("/plugin.wasm")))


def with_official_abi(module):
    """The module with its vendor's ABI marker called as Envoy knows it."""
    vendor, official = b"proxy_abi_version_0_2_100", b"proxy_abi_version_0_2_1"
    out, at = bytearray(module[:8]), 8
    while at < len(module):
        kind = module[at]
        size, start = leb(module, at + 1)
        section = module[start:start + size]
        if kind == 7:
            section = section.replace(to_leb(len(vendor)) + vendor, to_leb(len(official)) + official)
        out += bytes([kind]) + to_leb(len(section)) + section
        at = start + size
    return bytes(out)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("modules", type=pathlib.Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--theirs", type=pathlib.Path)
    parser.add_argument("--pairs", type=int, default=40)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--together", action="store_true")
    parser.add_argument("--readme", action="store_true")
    options = parser.parse_intermixed_args()
    cases = json.loads((HERE / "cases.json").read_text())
    jobs, results = [], []
    # What the plugins that ask somebody are told: ext-auth reads the status, opa the result.
    answering = [listener("service", {"answer": '{"result":true}'}, None)]
    with Envoy(answering) as service, tempfile.TemporaryDirectory() as copies:
        for name, case in cases.items():
            if options.names and name not in options.names:
                continue
            theirs = case.get("theirs")
            if theirs and not options.theirs:
                continue
            if theirs:
                module = pathlib.Path(copies) / f"{theirs}.wasm"
                module.write_bytes(with_official_abi(from_wheel(options.theirs, theirs)))
            else:
                module = options.modules / f"{case.get('module', name).replace('-', '_')}.wasm"
            jobs.append((name, case, module))
        if options.together:
            compare(jobs, options, service.ports["service"])
            return
        plain = {"headers": []}
        bare = [started([listener("without", plain, None)], plain, workers, service.ports["service"]) for workers in (1, 5)]
        for job in jobs:
            result = measure(*job, options, service.ports["service"], bare)
            results.append(result | ({"theirs": job[1]["theirs"]} if "theirs" in job[1] else {}))
            print(json.dumps(results[-1]), file=sys.stderr, flush=True)
    print(table(results), end="")
    if options.readme:
        write_readme(results)


if __name__ == "__main__":
    main()
