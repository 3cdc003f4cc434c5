#!/usr/bin/env bash
# Ask a deployed API with the clients that exist: `bash examples/clients/try.sh [ENVIRONMENT]`, from the activated
# environment of Arbiter. The clients go into a virtual environment of their own, which is removed afterwards.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
where=(${1:+--env "$1"})
folder=$(mktemp -d)
name="try-$(date +%s)"
trap 'arbiter keys revoke "$name" "${where[@]}" > /dev/null 2>&1 || true; rm -rf "$folder"' EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --requirement "$here/requirements.txt"
made=$(arbiter keys create "$name" --budget-usd 0.05 --modes base --expires 1h --json "${where[@]}")
read -r ARBITER_KEY ARBITER_URL < <(python3 -c 'import json, sys; made = json.load(sys.stdin); print(made["key"], made["url"])' <<< "$made")
export ARBITER_KEY ARBITER_URL
PATH="$folder/venv/bin:$PATH" python "$here/ask.py"
