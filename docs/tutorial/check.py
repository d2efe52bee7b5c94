#!/usr/bin/env python3
"""Is what the tutorial shows what the examples are? usage: check.py FOLDER EXAMPLES

Each page of FOLDER links the examples it shows. A ```cpp block must stand in one of them word for word, a ```text block must
be what one of them prints (its lines after "// Output:", which a test compares with the program).
"""

import pathlib
import re
import sys


def parts(path):
    code, _, output = path.read_text().partition("\n// Output:\n")
    return code, "".join(re.sub(r"^// ?", "", line) for line in output.splitlines(keepends=True))


def squeezed(text):
    """Without indentation, which an excerpt does not have."""
    return "\n".join(line.strip() for line in text.strip().splitlines())


pages, examples = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
faults = []
for page in sorted(pages.glob("*.md")):
    text = page.read_text()
    names = dict.fromkeys(re.findall(r"\(\.\./\.\./examples/([^)/]+\.cpp)\)", text))
    shown = [parts(examples / name) for name in names if (examples / name).exists()]
    faults += [f"{page.name}: links {name}, which is not there" for name in names if not (examples / name).exists()]
    for kind, block in re.findall(r"^```(cpp|text)\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL):
        place = 0 if kind == "cpp" else 1
        if not any(squeezed(block) in squeezed(part[place]) for part in shown):
            faults.append(f"{page.name}: no example that it links {('has', 'prints')[place]}: {block.strip().splitlines()[0]}")
for fault in faults:
    print(fault)
sys.exit(1 if faults else 0)
