# Sourced by the other scripts: brings .venv up to date with the lock, once per state of the lock.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
ROOT=$PWD

python_of_the_machine() {
  for candidate in python3.13 python3.12 python3.11 python3 python; do
    if command -v "$candidate" >/dev/null 2>&1 &&
       "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  echo "archwright needs Python 3.11 or newer; none was found on the PATH." >&2
  exit 1
}

stamp() { # of the files given and of the place, so that a moved checkout is set up again
  { cat "$@"; echo "$ROOT"; } | cksum
}

set_up_python() {
  local wanted
  wanted=$(stamp requirements.txt pyproject.toml)
  if [ -x .venv/bin/archwright ] && [ "$(cat .venv/ready 2>/dev/null)" = "$wanted" ]; then return; fi
  echo "Setting up .venv (once) ..." >&2
  if ! .venv/bin/python -c 'import sys' >/dev/null 2>&1; then
    rm -rf .venv
    "$(python_of_the_machine)" -m venv .venv
  fi
  .venv/bin/python -m pip install --quiet --disable-pip-version-check "uv==0.13.9" >&2
  # Compiled once here: where PYTHONDONTWRITEBYTECODE is set, each start would else compile thousands of files.
  .venv/bin/uv pip install --quiet --compile-bytecode --python .venv/bin/python --require-hashes -r requirements.txt >&2
  .venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation -e . >&2
  echo "$wanted" > .venv/ready
}

set_up_node() {
  local wanted
  wanted=$(stamp frontend/package-lock.json frontend/package.json)
  if [ -d frontend/node_modules ] && [ "$(cat frontend/node_modules/.ready 2>/dev/null)" = "$wanted" ]; then return; fi
  command -v npm >/dev/null 2>&1 || { echo "archwright needs Node 20 and npm for its editor; npm was not found on the PATH." >&2; exit 1; }
  echo "Setting up frontend/node_modules (once) ..." >&2
  npm --prefix frontend ci --no-audit --no-fund --silent >&2
  echo "$wanted" > frontend/node_modules/.ready
}

set_up_browser() { # for tests: the machine's own, else Debian's, else the one that Playwright brings
  local found
  for found in chromium chromium-browser google-chrome; do command -v "$found" >/dev/null 2>&1 && return; done
  if [ -d "${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}" ]; then return; fi
  echo "Setting up Chromium (once) ..." >&2
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq >/dev/null 2>&1 || true
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null 2>&1 && return
  fi
  .venv/bin/python -m playwright install chromium >&2
}

build_editor() {
  local wanted
  set_up_node
  wanted=$(git ls-files -z --cached --others --exclude-standard frontend 2>/dev/null | xargs -0 cat 2>/dev/null | cksum)
  if [ -f frontend/dist/index.html ] && [ "$(cat frontend/dist/.built 2>/dev/null)" = "$wanted" ]; then return; fi
  echo "Building the editor ..." >&2
  npm --prefix frontend run --silent build >&2
  echo "$wanted" > frontend/dist/.built
}

set_up_python
