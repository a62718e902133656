#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""schema.py SCHEMA FILE...: each JSON file is what the schema describes. Prints where one is not; exit 1 then."""
import json
import sys

from jsonschema import Draft202012Validator

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
Draft202012Validator.check_schema(schema)
validator = Draft202012Validator(schema)
failed = False
for path in sys.argv[2:]:
    with open(path, encoding="utf-8") as file:
        for error in validator.iter_errors(json.load(file)):
            failed = True
            while error.context:
                error = error.context[0]
            print(f"{path}: {'/'.join(map(str, error.absolute_path)) or 'the whole'}: {error.message[:200]}")
sys.exit(failed)
