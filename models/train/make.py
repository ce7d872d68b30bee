"""All steps from the data to the files that ship: `python make.py all`, or one of them by name."""

from __future__ import annotations

import importlib
import sys
import time

STEPS = {
    "prepare": "folds, duplicates, generated rows",
    "table": "token vectors of the base model",
    "teacher": "sentence vectors of the base model",
    "static": "train the static stage",
    "full": "train the full stage",
    "export": "8 bits, calibration, manifest",
    "compare": "train and export what reads two texts at once",
    "report": "figures on rows that nothing was trained on",
}


def main() -> None:
    wanted = list(STEPS) if sys.argv[1:] == ["all"] else sys.argv[1:]
    if not wanted or any(name not in STEPS for name in wanted):
        lines = [f"  {name:9s}{what}" for name, what in STEPS.items()]
        raise SystemExit("usage: python make.py all | STEP...\n" + "\n".join(lines))
    for name in wanted:
        started = time.time()
        print(f"== {name}: {STEPS[name]}", flush=True)
        importlib.import_module(name).main()
        print(f"== {name}: {time.time() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
