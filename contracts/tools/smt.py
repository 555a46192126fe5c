"""The solver that Halmos is given: Yices, and where it takes long, two others beside it, whoever answers first.

Yices is fastest at nearly everything, Bitwuzla where words are multiplied, Z3 over integers (integers.py) where they are
divided too. Each is right by itself, so the first answer counts.

    python smt.py QUERY.smt2

Halmos asks first with multiplication and division left open, as any functions: quickly refuted or not at all. The other two are told
what they are from the start, which can only refute more.
"""
import re
import subprocess
import sys
import time
from pathlib import Path

# When the others start, should no answer be there.
INTEGERS_AFTER_SECONDS = 0.25
BITWUZLA_AFTER_SECONDS = 1.5
DEADLINE_SECONDS = 100.0
POLL_SECONDS = 0.02


def bitwuzla(path: str) -> None:
    import bitwuzla

    options = bitwuzla.Options()
    options.set(bitwuzla.Option.PRODUCE_MODELS, True)  # The query asks for one; without this that would be an error.
    bitwuzla.Parser(bitwuzla.TermManager(), options, "smt2").parse(path)


def defined(query: str) -> str:
    """Halmos's stand-ins for the EVM's multiplication, division (by 0: 0) and modulus, with their meaning."""
    stand_in = r"\(declare-fun f_evm_{}_(\d+) \(\(_ BitVec \d+\) \(_ BitVec \d+\)\) \(_ BitVec \d+\)\)"
    for operation in ("bvmul", "bvudiv", "bvurem"):
        value = f"({operation} x y)" if operation == "bvmul" else rf"(ite (= y (_ bv0 \1)) (_ bv0 \1) ({operation} x y))"
        meaning = rf"(define-fun f_evm_{operation}_\1 ((x (_ BitVec \1)) (y (_ BitVec \1))) (_ BitVec \1) {value})"
        query = re.sub(stand_in.format(operation), meaning, query)
    return query


def main(path: str) -> None:
    start = time.monotonic()
    full = f"{path}.defined"
    Path(full).write_text(defined(Path(path).read_text()))
    yices = Path(sys.executable).parent / "yices-smt2"
    waiting = [
        (0.0, [str(yices), path]),
        (INTEGERS_AFTER_SECONDS, [sys.executable, str(Path(__file__).parent / "integers.py"), full]),
        (BITWUZLA_AFTER_SECONDS, [sys.executable, __file__, "bitwuzla", full]),
    ]
    running: list[subprocess.Popen[str]] = []
    try:
        while (waiting or running) and time.monotonic() - start < DEADLINE_SECONDS:
            if waiting and (not running or time.monotonic() - start > waiting[0][0]):
                running.append(subprocess.Popen(waiting.pop(0)[1], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True))
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
