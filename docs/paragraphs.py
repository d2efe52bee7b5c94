#!/usr/bin/env python3
"""Are the pages easy to read? Fails where a paragraph has more than 80 words, or the median of a page more than 30.

usage: paragraphs.py PAGE...  Tables, code, headings and lists' marks do not count; an item of a list is a paragraph.
"""

import re
import statistics
import sys

LONGEST, MEDIAN = 80, 30


def paragraphs(text):
    text = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    blocks, current = [], []
    for line in text.splitlines() + [""]:
        item = re.match(r"\s*(?:[-*]|\d+\.)\s+(.*)", line)
        if not line.strip() or line.startswith(("#", "|", "    ", "!")) or item:
            blocks.append(" ".join(current))
            current = [item.group(1)] if item else []
        else:
            current.append(line.strip())
    return [block for block in blocks if block]


failed = False
for page in sys.argv[1:]:
    with open(page, encoding="utf-8") as file:
        counts = [(len(block.split()), block) for block in paragraphs(file.read())]
    if not counts:
        continue
    median = statistics.median(count for count, _ in counts)
    for count, block in counts:
        if count > LONGEST:
            failed = True
            print(f"{page}: a paragraph of {count} words, at most {LONGEST} are wanted: {block[:60]} ...")
    if median > MEDIAN:
        failed = True
        print(f"{page}: the median paragraph has {median:.0f} words, at most {MEDIAN} are wanted")
sys.exit(1 if failed else 0)
