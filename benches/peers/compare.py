#!/usr/bin/env python3
"""Signs one corpus with the peers found on this machine and with sealbank, in alternating rounds.

    cargo build --release -p sealbank -p sealbank-benches --bins
    python3 benches/peers/compare.py [--count 1000] [--rounds 3] [--out DIR]

Writes DIR/peers.md (a table) and DIR/peers.svg (a plot). Nothing is installed; a peer that is not
found is reported as missing, with how to get it. Each signs client certificates with a P-256 CA.
What else it does is in the table: whether it proves possession of the key, and whether what it
signed is on disk, flushed, before it is handed out. Rates are certificates per second of whole
processes, start included; the raw limit alone is timed from within.
"""

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
END = "-----END CERTIFICATE REQUEST-----\n"
SEALBANK = "sealbank ca sign --bulk"
RAW = "raw limit (aws-lc-rs verify + sign)"
HERE = Path(__file__).resolve().parent

OPENSSL_CONFIG = """
[ca]
default_ca = bench
[bench]
dir = {dir}
database = $dir/index.txt
new_certs_dir = $dir/new
serial = $dir/serial
certificate = {ca}/ca.pem
private_key = {ca}/ca.key
default_md = sha256
default_days = 365
unique_subject = no
policy = any
x509_extensions = client
[any]
commonName = supplied
[client]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = clientAuth
authorityKeyIdentifier = keyid
"""

CERTTOOL_TEMPLATE = """
cn = "bench"
expiration_days = 365
tls_www_client
signing_key
"""

# One process signs its share; the shares of all processes make the corpus.
PYTHON_WORKER = """
import datetime, sys
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import ExtendedKeyUsageOID
ca, bundle, out, share, shares = sys.argv[1:]
key = serialization.load_pem_private_key(open(ca + "/ca.key", "rb").read(), None)
issuer = x509.load_pem_x509_certificate(open(ca + "/ca.pem", "rb").read())
akid = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
now = datetime.datetime.now(datetime.timezone.utc)
END = "-----END CERTIFICATE REQUEST-----\\n"
requests = [part + END for part in open(bundle).read().split(END) if part]
usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
client = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
with open(out + "." + share, "wb") as file:
    for pem in requests[int(share)::int(shares)]:
        request = x509.load_pem_x509_csr(pem.encode())
        if not request.is_signature_valid:
            continue
        file.write(
            x509.CertificateBuilder().subject_name(request.subject).issuer_name(issuer.subject)
            .public_key(request.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(now).not_valid_after(now + datetime.timedelta(days=365))
            .add_extension(x509.BasicConstraints(False, None), True).add_extension(usage, True)
            .add_extension(client, False).add_extension(akid, False)
            .sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
"""

# One client sends its share over one connection; it waits for the server at first.
CFSSL_CLIENT = """
import http.client, json, sys, time
port, bundle, share, shares = sys.argv[1:]
END = "-----END CERTIFICATE REQUEST-----\\n"
requests = [part + END for part in open(bundle).read().split(END) if part]
server = http.client.HTTPConnection("127.0.0.1", int(port))
for _ in range(500):
    try:
        server.connect()
        break
    except ConnectionRefusedError:
        time.sleep(0.01)
for pem in requests[int(share)::int(shares)]:
    server.request("POST", "/api/v1/cfssl/sign", json.dumps({"certificate_request": pem, "hosts": ["bench"]}),
                   {"Content-Type": "application/json"})
    answer = json.loads(server.getresponse().read())
    if not answer["success"]:
        sys.exit(str(answer["errors"]))
"""


def run(*command, **more):
    """Runs a command to its end; its failure ends the comparison with what it said."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **more)
    if done.returncode != 0:
        sys.exit(f"error: {command[0]} failed ({done.returncode})\n{done.stderr[-2000:]}")
    return done.stdout


def together(commands):
    """Runs commands side by side, one a core."""
    running = [subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE, text=True) for command in commands]
    for process in running:
        _, said = process.communicate()
        if process.returncode != 0:
            sys.exit(f"error: {process.args[0]} failed\n{said[-2000:]}")


class World:
    """The corpus, a CA for the peers, and a fresh directory for every run."""

    def __init__(self, base, count):
        self.base, self.count = base, count
        self.release = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
        for name in ("corpus", "sign-corpus", "sealbank"):
            if not (self.release / name).exists():
                sys.exit(f"error: {self.release / name} is missing\n"
                         "help: cargo build --release -p sealbank -p sealbank-benches --bins")
        run(self.release / "corpus", base / "corpus", count)
        self.bundle = base / "corpus" / "p256.pem"
        self.files = []
        (base / "requests").mkdir()
        for number, part in enumerate(filter(None, self.bundle.read_text().split(END))):
            path = base / "requests" / f"{number:07}.pem"
            path.write_text(part + END)
            self.files.append(path)
        self.ca = base / "ca"
        self.ca.mkdir()
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-keyout", self.ca / "ca.key", "-out", self.ca / "ca.pem",
            "-subj", "/CN=bench CA", "-days", "3650")

    def fresh(self):
        return Path(tempfile.mkdtemp(dir=self.base))


def sealbank(world, cores):
    place = world.fresh()
    program = world.release / "sealbank"
    run(program, "ca", "init", "--dir", place / "ca", "--root-dir", place / "root",
        env={**os.environ, "SEALBANK_ROOT_PASSPHRASE": "measured and thrown away"})
    return lambda: run(program, "ca", "sign", "--dir", place / "ca", "--bulk", world.bundle,
                       "--subject", "CN=user{position:07}", "--out", place / "out.pem",
                       "--threads", cores)


def raw(world, cores):
    """Returns its own time: making the keys of 4,096 signatures to verify is no part of the limit."""
    program = world.release / "sign-corpus"
    return lambda: json.loads(run(program, "raw", "p256", world.count, cores))["seconds"]


def whole(work):
    """Work that counts with the start of its processes: it returns its seconds."""
    def timed():
        begun = time.perf_counter()
        work()
        return time.perf_counter() - begun
    return timed


def naive(world, cores):
    place = world.fresh()
    program = world.release / "sign-corpus"
    return lambda: run(program, "naive", world.bundle, place / "out.pem", cores)


def go(world, cores):
    program = world.base / "signer"
    if not program.exists():
        run("go", "build", "-o", program, HERE / "signer.go",
            env={**os.environ, "GOCACHE": str(world.base / "go-cache"), "GO111MODULE": "off"})
    place = world.fresh()
    return lambda: run(program, world.ca / "ca.pem", world.ca / "ca.key", world.bundle,
                       place / "out.pem", cores)


def cfssl_serve(world, cores):
    """A server on as many processors, and as many clients that keep their connections, on the same ones."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    place = world.fresh()
    (place / "client.py").write_text(CFSSL_CLIENT)
    clients = [[sys.executable, place / "client.py", port, world.bundle, share, cores]
               for share in range(cores)]

    def work():
        server = subprocess.Popen(
            ["cfssl", "serve", "-loglevel", "5", "-port", str(port), "-ca", world.ca / "ca.pem",
             "-ca-key", world.ca / "ca.key"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "GOMAXPROCS": str(cores)})
        try:
            together(clients)
        finally:
            server.terminate()
            server.wait()
    return work


def openssl_ca(world, cores):
    commands = []
    for share in range(cores):
        place = world.fresh()
        (place / "new").mkdir()
        (place / "index.txt").touch()
        (place / "serial").write_text(f"{share + 1}0000000000000\n")
        config = place / "openssl.cnf"
        config.write_text(OPENSSL_CONFIG.format(dir=place, ca=world.ca))
        commands.append(["openssl", "ca", "-batch", "-notext", "-config", config, "-out",
                         place / "out.pem", "-infiles", *world.files[share::cores]])
    return lambda: together(commands)


def cryptography(world, cores):
    place = world.fresh()
    (place / "worker.py").write_text(PYTHON_WORKER)
    commands = [[sys.executable, place / "worker.py", world.ca, world.bundle, place / "out",
                 share, cores] for share in range(cores)]
    return lambda: together(commands)


def each_by_a_process(command_for):
    """A peer that takes one request a process: a shell loop per core over its share."""
    def prepare(world, cores):
        place = world.fresh()
        (place / "template").write_text(CERTTOOL_TEMPLATE)
        loops = []
        for share in range(cores):
            script = place / f"{share}.sh"
            script.write_text("set -e\n" + "".join(
                command_for(world.ca, place, path) + "\n" for path in world.files[share::cores]))
            loops.append(["sh", script])
        return lambda: together(loops)
    return prepare


certtool = each_by_a_process(lambda ca, place, path: (
    f"certtool --generate-certificate --load-request {path} --load-ca-certificate {ca}/ca.pem "
    f"--load-ca-privkey {ca}/ca.key --template {place}/template --outfile {place}/{path.name}"))
cfssl = each_by_a_process(lambda ca, place, path: (
    f"cfssl sign -loglevel 5 -ca {ca}/ca.pem -ca-key {ca}/ca.key {path} > {place}/{path.name}"))


def importable(module):
    probe = subprocess.run([sys.executable, "-c", f"import {module}"], capture_output=True)
    return probe.returncode == 0


def peers():
    """Name, how to prepare a run, what is missing if anything, proof of possession, durability."""
    def absent(program, package):
        found = shutil.which(program)
        return None if found else f"`{program}` is not on the path (Debian: {package})"
    python = (None if importable("cryptography")
              else "no Python module `cryptography` (Debian: python3-cryptography; PyPI: cryptography)")
    return [
        (RAW, raw, None, "yes", "writes nothing"),
        (SEALBANK, sealbank, None, "yes", "yes"),
        ("naive Rust loop over rcgen", naive, None, "yes", "no"),
        ("Go crypto/x509", go, absent("go", "golang-go"), "yes", "no"),
        ("cfssl serve, a connection a core", cfssl_serve, absent("cfssl", "golang-cfssl"), "yes", "no"),
        ("Python cryptography, a process a core", cryptography, python, "yes", "no"),
        ("openssl ca -infiles, a process a core", openssl_ca, absent("openssl", "openssl"), "yes", "no"),
        ("GnuTLS certtool, a process a request", certtool, absent("certtool", "gnutls-bin"), "not looked at", "no"),
        ("cfssl sign, a process a request", cfssl, absent("cfssl", "golang-cfssl"), "yes", "no"),
    ]


def measure(world, rounds, cores):
    """Seconds by name and cores; the order turns around from round to round."""
    found = [(name, prepare) for name, prepare, missing, *_ in peers() if missing is None]
    seconds = {}
    for number in range(rounds):
        for name, prepare in found if number % 2 == 0 else reversed(found):
            for workers in cores:
                work = prepare(world, workers)
                taken = work() if name == RAW else whole(work)()
                seconds.setdefault((name, workers), []).append(taken)
                print(f"round {number + 1}: {name}, {workers}: "
                      f"{world.count / seconds[name, workers][-1]:,.0f}/s", file=sys.stderr)
    return {key: [world.count / second for second in runs] for key, runs in seconds.items()}


def table(rates, cores, count, rounds):
    lines = [f"{count:,} P-256 requests, median of {rounds} alternating rounds (least to most), "
             "certificates per second of whole processes (raw limit: of its work alone).", ""]
    heads = [f"{workers} thread{'s' * (workers > 1)} | of the raw limit" for workers in cores]
    lines += ["| | possession proved | durable | " + " | ".join(heads) + " |",
              "|---" * (3 + 2 * len(cores)) + "|"]
    for name, _, missing, proof, durable in peers():
        if missing is not None:
            lines.append(f"| {name} | {proof} | {durable} | missing: {missing}" + " |" * (2 * len(cores)))
            continue
        cells = []
        for workers in cores:
            runs = rates[name, workers]
            share = statistics.median(runs) / statistics.median(rates[RAW, workers])
            cells += [f"{statistics.median(runs):,.0f} ({min(runs):,.0f} to {max(runs):,.0f})",
                      f"{share:.3f}"]
        lines.append(f"| {name} | {proof} | {durable} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def plot(rates, cores):
    """Bars, one a name and number of threads, with the spread as a line."""
    names = [name for name, _, missing, *_ in peers() if missing is None]
    most = max(max(runs) for runs in rates.values())
    left, width, bar = 300, 480, 16
    body, y = [], 30
    for name in names:
        body.append(f'<text x="{left - 8}" y="{y + bar}" text-anchor="end">{name}</text>')
        for index, workers in enumerate(cores):
            runs = rates[name, workers]
            middle, low, high = (width * rate / most
                                 for rate in (statistics.median(runs), min(runs), max(runs)))
            fill = ("#7aa6c2", "#2f6690")[index % 2]
            body.append(f'<rect x="{left}" y="{y}" width="{middle:.1f}" height="{bar - 3}" fill="{fill}"/>')
            body.append(f'<path d="M{left + low:.1f} {y + 6}H{left + high:.1f}" stroke="currentColor"/>')
            body.append(f'<text x="{left + high + 6:.1f}" y="{y + 11}">'
                        f'{statistics.median(runs):,.0f} ({workers})</text>')
            y += bar
        y += 12
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 120}" height="{y}" '
            f'font-family="sans-serif" font-size="11"><style>svg {{ color: #222 }} text {{ fill: currentColor }} '
            f'@media (prefers-color-scheme: dark) {{ svg {{ color: #ddd }} }}</style>'
            f'<text x="{left}" y="18">certificates per second (threads)</text>'
            + "".join(body) + "</svg>\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000, help="P-256 requests [1000]")
    parser.add_argument("--rounds", type=int, default=3, help="alternating rounds [3]")
    parser.add_argument("--cores", type=int, nargs="+", default=[1, 2], help="threads [1 2]")
    parser.add_argument("--out", type=Path, default=ROOT / "target" / "peers", help="[target/peers]")
    arguments = parser.parse_args()
    if shutil.which("openssl") is None:
        sys.exit("error: `openssl` makes the peers' CA and is not on the path")
    arguments.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=arguments.out) as base:
        rates = measure(World(Path(base), arguments.count), arguments.rounds, arguments.cores)
    result = table(rates, arguments.cores, arguments.count, arguments.rounds)
    (arguments.out / "peers.md").write_text(result)
    (arguments.out / "peers.svg").write_text(plot(rates, arguments.cores))
    print(result, end="")


if __name__ == "__main__":
    main()
