#!/usr/bin/env python3
"""The same requests, with the same checks, by hurl and by sealbank, against one running bank.

    cargo build --release -p sealbank
    python3 benches/peers/requests.py [--stories 200] [--rounds 5]

A story opens the bank's first page and follows its first link, fifteen times over: 30 requests, and of
each answer the status and the screen's id are checked. Each peer plays so many stories one after the
other, in a whole process, by turns; the bank is another process on the same machine. hurl runs twice:
over one connection, and, because each step of a scenario opens its own, with `Connection: close`.
sealbank also reads forms, links and alerts of each page and keeps cookies; where the books are looked
at too, it asks the bank's control listener around each step how they stand and what was refused.
Nothing is installed: without hurl on the path this says so and ends.
"""

import argparse
import re
import shutil
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from urllib.parse import urljoin

ROOT = Path(__file__).resolve().parents[2]
SEALBANK = ROOT / "target/release/sealbank"
PAIRS = 15
LINK = "利用者用電子証明書取得"

SCENARIO = f"""scenario: requests
let:
  taro: {{ contract: "99990000001", user: keiri01, pin: Test0001 }}
cases:
  story:
    steps:
""" + PAIRS * f"""      - form.open: top
        expect: {{ screen: m-TOP }}
      - form.follow: {LINK}
        expect: {{ screen: CIBMU921 }}
"""


def hurl_story(first, second, header=""):
    def one(url, screen):
        return f'GET {url}\n{header}HTTP 200\n[Asserts]\nxpath "string(//body/@data-screen)" == "{screen}"\n\n'

    return PAIRS * (one(first, "m-TOP") + one(second, "CIBMU921"))


def seconds(command):
    begin = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    elapsed = time.perf_counter() - begin
    if done.returncode != 0:
        sys.exit(f"{command}:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return elapsed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stories", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    hurl = shutil.which("hurl")
    if hurl is None:
        sys.exit("hurl is not on the path: cargo install --locked hurl, or your system's package")
    with tempfile.TemporaryDirectory() as directory:
        compare(hurl, Path(directory), options)


def compare(hurl, directory, options):
    scenario = directory / "requests.yaml"
    scenario.write_text(SCENARIO, encoding="utf-8")
    free = ["--port", "0", "--cert-port", "0", "--control-port", "0"]
    bank = subprocess.Popen(
        [SEALBANK, "serve", "--people", scenario, *free],
        cwd=directory,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        said = ""
        while "Ctrl-C" not in said:
            line = bank.stdout.readline()
            if not line:
                sys.exit(f"the bank did not open: {said}")
            said += line
        ib = re.search(r"https://\S+", said)[0]
        control = re.search(r"http://127\.0\.0\.1:\d+", said)[0]
        roots = directory / "web.pem"
        roots.write_bytes(urllib.request.urlopen(f"{control}/ca/web.pem").read())
        trust = ssl.create_default_context(cafile=roots)
        page = urllib.request.urlopen(f"{ib}/", context=trust).read().decode()
        linked = urljoin(ib, re.search(rf'href="([^"]+)"[^>]*>\s*{LINK}', page)[1])
        kept = directory / "kept.hurl"
        kept.write_text(hurl_story(f"{ib}/", linked), encoding="utf-8")
        anew = directory / "anew.hurl"
        anew.write_text(hurl_story(f"{ib}/", linked, "Connection: close\n"), encoding="utf-8")
        count = ["--repeat", str(options.stories)]
        by_hurl = [hurl, "--test", "--jobs", "1", "--cacert", roots, *count]
        by_us = [SEALBANK, "run", scenario, *count]
        peers = {
            "hurl, one connection": [*by_hurl, kept],
            "hurl, a connection for each request": [*by_hurl, anew],
            "sealbank --target, the screens alone": [*by_us, "--target", ib, "--trust", roots],
            "sealbank --target, the books too": [*by_us, "--target", ib, "--control", control],
            "sealbank, with a bank for each story": [*by_us, "--jobs", "1"],
        }
        times = {name: [] for name in peers}
        for _ in range(options.rounds):
            for name, command in peers.items():
                times[name].append(seconds(command))
        requests = options.stories * 2 * PAIRS
        print(f"{requests:,} requests, {options.rounds} rounds; median requests a second")
        for name, taken in times.items():
            rate = requests / statistics.median(taken)
            print(f"  {name:38} {rate:8,.0f}   ({min(taken):.2f} to {max(taken):.2f} s)")
    finally:
        bank.terminate()
        bank.wait()


if __name__ == "__main__":
    main()
