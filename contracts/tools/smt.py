"""The solver that Halmos is given: Yices, and where it takes long, two others beside it, whoever answers first.

Yices is fastest at nearly everything, Bitwuzla where words are multiplied, Z3 over integers (integers.py) where they are
divided too. Each is right by itself, so the first answer counts.

    python smt.py QUERY.smt2
"""
import subprocess
import sys
import time
from pathlib import Path

YICES_ALONE_SECONDS = 1.0
DEADLINE_SECONDS = 100.0
POLL_SECONDS = 0.02


def bitwuzla(path: str) -> None:
    import bitwuzla

    options = bitwuzla.Options()
    options.set(bitwuzla.Option.PRODUCE_MODELS, True)  # The query asks for one; without this that would be an error.
    bitwuzla.Parser(bitwuzla.TermManager(), options, "smt2").parse(path)


def main(path: str) -> None:
    start = time.monotonic()
    yices = Path(sys.executable).parent / "yices-smt2"
    waiting = [
        [str(yices), path],
        [sys.executable, __file__, "bitwuzla", path],
        [sys.executable, str(Path(__file__).parent / "integers.py"), path],
    ]
    running: list[subprocess.Popen[str]] = []
    try:
        while (waiting or running) and time.monotonic() - start < DEADLINE_SECONDS:
            if waiting and (not running or time.monotonic() - start > YICES_ALONE_SECONDS):
                running.append(subprocess.Popen(waiting.pop(0), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True))
            for process in [process for process in running if process.poll() is not None]:
                running.remove(process)
                output = process.stdout.read() if process.stdout else ""
                # Halmos looks into the model of a "sat", and only Yices prints it.
                if output.startswith("unsat") or (output.startswith("sat") and process.args[0] == str(yices)):
                    print(output)
                    return
            time.sleep(POLL_SECONDS)
        print("unknown")
    finally:
        for process in running:
            process.kill()


if __name__ == "__main__":
    if len(sys.argv) == 3:
        bitwuzla(sys.argv[2])
    else:
        main(sys.argv[1])
