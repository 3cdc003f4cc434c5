"""The files of an evaluation run, in a folder or a bucket, and the scores that follow from them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

Json = dict[str, Any]


class Run:
    """The files of a run, by their path inside it."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        def load(folder: str) -> list[Json]:
            return [json.loads(text) for path, text in sorted(files.items()) if path.startswith(folder)]

        self.plan: Json = json.loads(files["run.json"])
        self.cases: list[Json] = [json.loads(line) for line in files["cases.jsonl"].splitlines() if line.strip()]
        self.documents = {case["id"]: case.get("document") or ("no document", case["id"]) for case in self.cases}
        self.judges: list[str] = self.plan["judges"]
        self.arms: list[str] = [arm["name"] for arm in self.plan["arms"]]
        ids = {case["id"] for case in self.cases}
        known = [one for one in load("answers/") if one["case"]["id"] in ids and one["arm"] in self.arms]
        self.answers = {(one["arm"], one["case"]["id"]): one for one in known}
        self.verdicts = {
            (one["arm"], one["case_id"]): self._asked(one)
            for one in load("verdicts/")
            if one["case_id"] in ids and one["arm"] in self.arms
        }
        order = {arm: index for index, arm in enumerate(self.arms)}
        self.pairs = [
            {**one, "verdicts": self._asked(one)}
            for one in load("pairs/")
            if self.plan.get("pairwise", True) and order.get(one["a"], 99) < order.get(one["b"], -1)
        ]
        self.by_judge = self._by_judge()

    def _asked(self, record: Json) -> list[Json]:
        """The verdicts that the plan asks for: an earlier start may have asked others, or more often."""
        most = self.plan.get("repeat", 10**9)
        return [v for v in record["verdicts"] if v["judge"] in self.judges and v.get("repeat", 0) < most]

    def _by_judge(self) -> dict[tuple[str, str], dict[str, list[Json]]]:
        """Valid verdicts on answers that were given."""
        found = {}
        for cell, verdicts in self.verdicts.items():
            if "response" in self.answers.get(cell, {}):
                own = {judge: [v for v in verdicts if v["judge"] == judge and "score" in v] for judge in self.judges}
                found[cell] = {judge: given for judge, given in own.items() if given}
        return found

    def scores(self, arm: str) -> dict[str, float]:
        """The score of each case that every judge gave a verdict on, in the order of the file."""
        found = {}
        for case in self.cases:
            given = self.by_judge.get((arm, case["id"]), {})
            if self.judges and set(given) == set(self.judges):
                found[case["id"]] = float(np.mean([np.mean([v["score"] for v in own]) for own in given.values()]))
        return found


def read(source: str) -> dict[str, bytes]:
    """The files of a run in a folder or a bucket."""
    if not source.startswith("s3://"):
        folder = Path(source)
        return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*.json*")}
    import boto3

    bucket, _, prefix = source.removeprefix("s3://").partition("/")
    prefix = prefix.rstrip("/") + "/"
    client = boto3.client("s3")
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = [item["Key"] for page in pages for item in page.get("Contents", ())]
    return {key.removeprefix(prefix): client.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}
