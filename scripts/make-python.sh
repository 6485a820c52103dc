#!/usr/bin/env bash
# Makes Python environments for tests that compare with other programs: scripts/make-python.sh NAME ...
#
#   reference  ONNX Runtime, onnx, qonnx, scikit-learn, XGBoost        0.8 GB
#   keras      Keras 3 on TensorFlow, tf2onnx, HGQ2                    2 GB
#   qkeras     QKeras, over `keras`
#   torch      PyTorch, Brevitas                                       5.5 GB
#   hls        the vendor's headers of ap_fixed, from hls4ml's package 20 MB
#   hls4ml     hls4ml, over `keras`
#
# Each goes to build/python/NAME with the pinned versions of scripts/requirements/NAME.txt; one that is complete and
# up to date is kept. Needs python3 with venv, and PyPI.
set -euo pipefail
cd "$(dirname "$0")/.."

make_environment() {
  local name=$1 list=scripts/requirements/$1.txt folder=build/python/$1
  [ -f "$list" ] || { echo "no environment '$name'" >&2; return 2; }
  if cmp -s "$list" "$folder/requirements.txt"; then return 0; fi
  case $name in qkeras | hls4ml) make_environment keras || return ;; esac
  rm -rf "$folder"
  python3 -m venv "$folder"
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-compile -r "$list" || {
    rm -rf "$folder"
    return 1
  }
  case $name in qkeras | hls4ml)
    # After its own packages come those of `keras`.
    local packages
    packages=$(cd "$folder"/lib/python3*/site-packages && pwd)
    (cd build/python/keras/lib/python3*/site-packages && pwd) >"$packages/keras.pth"
    ;;
  esac
  cp "$list" "$folder/requirements.txt"
}

[ $# -gt 0 ] || { sed -n '2,11p' "$0"; exit 2; }
for name in "$@"; do make_environment "$name"; done
