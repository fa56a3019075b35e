#!/usr/bin/env bash
# The clients of Python packages that the tests run, each in its own environment beside this file.
set -euo pipefail
cd "$(dirname "$0")"

install() {
  local folder=$1 requirements=$2
  if cmp -s "$requirements" "$folder/requirements.txt"; then return; fi
  rm -rf "$folder"
  python3 -m venv "$folder"
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --prefer-binary -r "$requirements"
  cp "$requirements" "$folder/requirements.txt"
}

install .venv requirements.txt
# The last one that knows neither JSON nor metadata beside wheels.
install .venv-pip-20 requirements-pip-20.txt
