#!/usr/bin/env python3
"""Questions about the titles of medical studies, from the Medical-Abstracts-TC-Corpus (its abstracts begin with their titles).

    python3 titles.py medical_tc_test.csv DIR      # writes DIR/oncology.csv and DIR/systems.csv
"""
import csv
import hashlib
import pathlib
import re
import sys

TUMOUR = "1"
SYSTEMS = {"2": "digestive system diseases", "3": "nervous system diseases", "4": "cardiovascular diseases"}


def title(abstract):
    """The first sentence, with the second where that is a word or two."""
    sentences = re.split(r"(?<=[.?!]) ", abstract)
    first = sentences[0]
    return " ".join(sentences[:2]) if len(first) <= 20 else first


def main(source, target):
    target = pathlib.Path(target)
    target.mkdir(parents=True, exist_ok=True)
    oncology, systems, seen = [], [], set()
    with open(source, newline="", encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            text, condition = title(row["medical_abstract"]), row["condition_label"]
            digest = hashlib.sha256(text.encode()).hexdigest()
            if len(text) > 220 or text in seen or condition not in (TUMOUR, *SYSTEMS):
                continue
            seen.add(text)
            case = digest[:12]
            if condition == TUMOUR:
                oncology.append([case, "Is the study with this title about a tumour?", text, "yes", "no", "yes"])
            elif int(digest[12], 16) < 8:
                oncology.append([case, "Is the study with this title about a tumour?", text, "yes", "no", "no"])
            else:
                systems.append(
                    [case, "Diseases of which system is the study with this title about?", text, *SYSTEMS.values(), SYSTEMS[condition]]
                )
    for name, options, cases in (("oncology", "ab", oncology), ("systems", "abc", systems)):
        with open(target / f"{name}.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["case", "question", "title", *options, "right"])
            writer.writerows(cases)


if __name__ == "__main__":
    main(*sys.argv[1:])
