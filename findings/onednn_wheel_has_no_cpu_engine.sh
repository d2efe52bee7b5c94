#!/usr/bin/env bash
# One would guess: oneDNN from PyPI, a library for deep learning on CPUs, makes a CPU engine once it is installed.
# What happens: the wheel is built for SYCL alone, so that its CPU is an OpenCL device. pip installs Intel's OpenCL driver
# beside it but registers it nowhere: dnnl_engine_create(cpu) is refused with dnnl_invalid_arguments (2). It succeeds once
# OCL_ICD_FILENAMES names the driver. The wheel brings no CMake configuration either (Debian's package does), so
# find_package(dnnl) passes over it and takes an older one of the system.
# Version: onednn-devel 2026.1.0 (PyPI), which says 3.13. Source: dnnl_config.h (DNNL_CPU_RUNTIME); run below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv v
v/bin/pip install -q onednn-devel==2026.1.0 >pip.log 2>&1
cat >engine.c <<'CODE'
#include <oneapi/dnnl/dnnl.h>
#include <stdio.h>
int main(void) {
  const dnnl_version_t* v = dnnl_version();
  dnnl_engine_t engine;
  const dnnl_status_t status = dnnl_engine_create(&engine, dnnl_cpu, 0);
  printf("oneDNN %d.%d: status %d\n", v->major, v->minor, (int)status);
  if (status == dnnl_success) dnnl_engine_destroy(engine);
  return 0;
}
CODE
cc engine.c -Iv/include -Lv/lib -ldnnl -Wl,--unresolved-symbols=ignore-in-shared-libs -o engine
export LD_LIBRARY_PATH="$PWD/v/lib" ONEDNN_VERBOSE=0
without=$(env -u OCL_ICD_FILENAMES ./engine)
with=$(OCL_ICD_FILENAMES="$PWD/v/lib/libintelocl.so" ./engine)
echo "as installed: $without"
echo "with the driver named: $with"
echo "CMake configurations: $(find v -iname 'dnnl-config*.cmake' | wc -l)"
[ "$without" = "oneDNN 3.13: status 2" ] && [ "$with" = "oneDNN 3.13: status 0" ] || { echo changed; exit 1; }
[ -z "$(find v -iname 'dnnl-config*.cmake')" ] || { echo changed; exit 1; }
