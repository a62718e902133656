# SPDX-License-Identifier: GPL-3.0-or-later
# Builds the tree as a preset of CMakePresets.json says, in a folder of this build, and runs the tests that
# the preset selects, in the environment that it gives them. One preset at a time: each keeps all CPUs busy.
set -eu
: "${MEMPERF_SOURCE:?}" "${MEMPERF_BUILD:?}"
export LC_ALL=C
targets=()

# of_test FILTER: a value of the test preset, its own or what it inherits
of_test() {
	jq -r --arg name "$name" "
		def preset(\$n): .testPresets[] | select(.name == \$n);
		(preset(\$name) | $1) // (preset(preset(\$name).inherits) | $1) // empty" CMakePresets.json
}

# preset NAME [WRAPPER...]: WRAPPER runs ctest. Everything is built; with `targets`, these and the unit tests that are run.
preset() {
	local name=$1 folder label only but selection

	shift
	folder=$MEMPERF_BUILD/presets/$name
	cd -- "$MEMPERF_SOURCE"
	cmake --preset "$name" -B "$folder" >"$folder.log" 2>&1 || {
		cat -- "$folder.log"
		return 1
	}
	label=$(of_test .filter.include.label)
	only=$(of_test .filter.include.name)
	but=$(of_test .filter.exclude.name)
	selection=(${label:+-L "$label"} ${only:+-R "$only"} ${but:+-E "$but"})
	if ((${#targets[@]})); then
		mapfile -t -O "${#targets[@]}" targets < <(ctest --test-dir "$folder" -N "${selection[@]}" |
			sed -n 's|^ *Test  *#[0-9]*: \(.*\)/\(.*\)$|\1_\2|p')
	fi
	ninja -C "$folder" --quiet "${targets[@]}"
	mapfile -t environment < <(of_test '.environment | select(.) | to_entries[] | "\(.key)=\(.value)"')
	env ${environment[@]+"${environment[@]}"} "$@" ctest --test-dir "$folder" --output-on-failure \
		--no-tests=error -j "$(nproc)" "${selection[@]}"
}

mkdir -p -- "$MEMPERF_BUILD/presets"
