# SPDX-License-Identifier: GPL-3.0-or-later
# Builds the tree as a preset of CMakePresets.json says, in a folder of this build, and runs the tests that
# the preset selects, in the environment that it gives them. One preset at a time: each keeps all CPUs busy.
set -eu
: "${MEMPERF_SOURCE:?}" "${MEMPERF_BUILD:?}"
export LC_ALL=C

# of_test FILTER: a value of the test preset, its own or what it inherits
of_test() {
	jq -r --arg name "$name" "
		def preset(\$n): .testPresets[] | select(.name == \$n);
		(preset(\$name) | $1) // (preset(preset(\$name).inherits) | $1) // empty" CMakePresets.json
}

# preset NAME [WRAPPER...]: WRAPPER runs ctest.
preset() {
	local name=$1 folder label only but

	shift
	folder=$MEMPERF_BUILD/presets/$name
	cd -- "$MEMPERF_SOURCE"
	cmake --preset "$name" -B "$folder" >"$folder.log" 2>&1 || {
		cat -- "$folder.log"
		return 1
	}
	ninja -C "$folder" --quiet
	label=$(of_test .filter.include.label)
	only=$(of_test .filter.include.name)
	but=$(of_test .filter.exclude.name)
	mapfile -t environment < <(of_test '.environment | select(.) | to_entries[] | "\(.key)=\(.value)"')
	env ${environment[@]+"${environment[@]}"} "$@" ctest --test-dir "$folder" --output-on-failure \
		--no-tests=error -j "$(nproc)" ${label:+-L "$label"} ${only:+-R "$only"} ${but:+-E "$but"}
}

mkdir -p -- "$MEMPERF_BUILD/presets"
