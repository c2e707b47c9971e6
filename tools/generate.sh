#!/bin/sh
# Writes the Python code for the .proto files, or with --check fails if what is committed is not
# what would be written. Versions are pinned in pyproject.toml (group `gen`).
#
#   tools/generate.sh            generate privacy_service/v1, privacy_service/gateway/v3 and buf/validate
#   tools/generate.sh --check    the format of the .proto files, and drift of the generated code
set -eu

cd "$(dirname "$0")/.."
bin=${VENV:-.venv}/bin
export PATH="$PWD/$bin:$PATH"

generate() {
    mkdir -p "$1"
    find proto/privacy_service proto/buf -name '*.proto' | LC_ALL=C sort | xargs \
        python -m grpc_tools.protoc -Iproto \
        --python_out="$1" --mypy_out=quiet:"$1"
    find proto/privacy_service -name '*.proto' | LC_ALL=C sort | xargs grep -l '^service ' | xargs \
        python -m grpc_tools.protoc -Iproto \
        --grpc_python_out="$1" --mypy_grpc_out=quiet:"$1"
}

check() {
    buf format --diff --exit-code --path proto/privacy_service
    fresh=$(mktemp -d)
    trap 'rm -rf "$fresh"' EXIT
    generate "$fresh"
    drift=0
    for folder in privacy_service/v1 privacy_service/gateway/v3 buf; do
        diff -r -x __pycache__ -x __init__.py "$fresh/$folder" "$folder" || drift=1
    done
    if [ "$drift" -ne 0 ]; then
        echo "Generated code differs from the .proto files: run tools/generate.sh" >&2
        exit 1
    fi
}

case "${1-}" in
    "") generate . ;;
    --check) check ;;
    *) echo "usage: tools/generate.sh [--check]" >&2; exit 2 ;;
esac
