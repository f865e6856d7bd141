"""How well the article reader reads: the scorer's result by language, speed, and precision on each language held out.

usage: extraction.py            print all results
       extraction.py --measure FILE...  count rights and wrongs of each rule on labelled texts the rules were never
                       fitted to (before anything is changed for them), and add them to precision.csv
       extraction.py --reliability FILE...  of the figures of each confidence in labelled texts, how many are right

The labelled texts and the scorer lie beside the repository in `shared/data/extraction` (or TRACKER_SHARED).
"""

from __future__ import annotations

import csv
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

from tracker.sources.article import Reading, extract, record
from tracker.sources.article.read import confidence

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("TRACKER_SHARED", ROOT.parent / "shared")) / "data" / "extraction"
OWN = ROOT / "tests" / "data" / "article" / "own.jsonl"
TABLE = ROOT / "tracker" / "sources" / "article" / "read" / "precision.csv"


def load(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def scorer() -> Any:
    spec = importlib.util.spec_from_file_location("score", SHARED / "score.py")
    if spec is None or spec.loader is None:
        raise SystemExit(f"no scorer in {SHARED}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read(text: dict[str, Any]) -> Reading:
    published = date.fromisoformat(text["published"]) if text.get("published") else None
    return extract(text["text"], published=published)


def predict(texts: list[dict[str, Any]]) -> tuple[dict[str, Any], list[float]]:
    """Predictions by id, and milliseconds a paragraph once the tables are loaded."""
    times, out = [], {}
    for text in texts:
        read(text)
    for text in texts:
        begin = time.perf_counter()
        found = read(text)
        paragraphs = max(1, len([line for line in text["text"].split("\n") if line.strip()]))
        times.append((time.perf_counter() - begin) * 1000 / paragraphs)
        out[text["id"]] = record(text["id"], found)
    return out, times


def report(name: str, path: Path) -> None:
    texts = load(path)
    predictions, times = predict(texts)
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in predictions.values())
        file.flush()
        print(f"== {name}: {len(texts)} texts", flush=True)
        subprocess.run([sys.executable, str(SHARED / "score.py"), str(path), file.name, "--by-trap"], check=True)
    print(f"ms a paragraph: median {statistics.median(times):.1f}, most {max(times):.1f}\n")


def judged(score: Any, texts: list[dict[str, Any]]) -> list[tuple[str, tuple[str, ...], bool]]:
    """(language, rules, right) of every figure that names a metric, company and period."""
    out = []
    for text in texts:
        found = read(text)
        figures = [*found.facts, *(figure for figure in found.review if figure.reason == "low_confidence")]
        for figure in figures:
            fact = record("", Reading((figure,), (), ()))["facts"][0]
            good = any(score.strict(gold, fact, False) for gold in text["facts"])
            out.append((text["lang"], confidence.features(figure.rules, figure.flags), good))
    return out


def reliability(score: Any, paths: list[str]) -> None:
    """How many figures of each confidence are right: of those given 0.9 nine in ten should be."""
    steps: dict[int, list[bool]] = {}
    for path in paths:
        for text in load(Path(path)):
            for figure in read(text).facts:
                fact = record("", Reading((figure,), (), ()))["facts"][0]
                good = any(score.strict(gold, fact, False) for gold in text["facts"])
                steps.setdefault(int(figure.confidence * 20), []).append(good)
    for step, goods in sorted(steps.items()):
        low, high = step / 20, (step + 1) / 20
        print(f"confidence {low:.2f} to {high:.2f}: {sum(goods)} of {len(goods)} right ({sum(goods) / len(goods):.0%})")


def measure(score: Any, paths: list[str]) -> None:
    rows = judged(score, [text for path in paths for text in load(Path(path))])
    with TABLE.open(encoding="utf-8", newline="") as file:
        total = {row["rule"]: (int(row["right"]), int(row["wrong"])) for row in csv.DictReader(file)}
    for rule, right, wrong in confidence.counts((rules, good) for _, rules, good in rows):
        before = total.get(rule, (0, 0))
        total[rule] = (before[0] + right, before[1] + wrong)
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["rule", "right", "wrong"])
        writer.writerows((rule, *total[rule]) for rule in sorted(total))
    print(f"{len(rows)} figures counted into {TABLE.name}")


def held_out(score: Any) -> None:
    """Precision expected of each language from the rules as measured on all other languages."""
    rows = judged(score, [*load(SHARED / "dev.jsonl"), *load(OWN)])
    print("each language held out: figures read with rules the other languages never used")
    for language in sorted({row[0] for row in rows}):
        others = {rule for code, rules, _ in rows if code != language for rule in rules}
        mine = [(rules, good) for code, rules, good in rows if code == language]
        fresh = [good for rules, good in mine if not set(rules) <= others]
        right = sum(good for _, good in mine)
        print(f"  {language}: {right} of {len(mine)} right, {len(fresh)} by rules seen nowhere else")


def own(score: Any) -> None:
    texts = load(OWN)
    predictions = {text["id"]: record(text["id"], read(text)) for text in texts}
    blank = {"start": -1, "end": -1}
    gold = [
        {**text, "traps": [], "money_other": [], "facts": [{**fact, **blank} for fact in text["facts"]]}
        for text in texts
    ]
    result, _ = score.score(gold, predictions, bootstrap=0)
    print("== own sentences", {key: round(value, 3) for key, value in result["overall"].items()}, result["nofact"])


def main() -> None:
    if not SHARED.is_dir():
        raise SystemExit(f"no labelled texts in {SHARED}; set TRACKER_SHARED")
    score = scorer()
    if "--reliability" in sys.argv:
        reliability(score, sys.argv[sys.argv.index("--reliability") + 1 :])
        return
    if "--measure" in sys.argv:
        measure(score, sys.argv[sys.argv.index("--measure") + 1 :])
        return
    for name in ("dev", "dev_variants", "seeds_gold"):
        report(name, SHARED / f"{name}.jsonl")
    own(score)
    held_out(score)


if __name__ == "__main__":
    main()
