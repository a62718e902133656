# SPDX-License-Identifier: GPL-3.0-or-later
# private_apt FOLDER SOURCE [SETTING...]: from now on apt knows no packages but those of SOURCE, a line as in sources.list(5), and keeps
# lists and downloads in FOLDER: this system's are neither read nor changed. SETTINGs are apt.conf(5)'s. `unset APT_CONFIG` ends it.
private_apt() {
	local folder=$1 source=$2
	shift 2

	mkdir -p -- "$folder"/{lists,archives}/partial
	: >"$folder/status"
	printf '%s\n' "$source" >"$folder/sources.list"
	printf '%s;\n' 'APT::Sandbox::User "root"' "Dir::State \"$folder\"" "Dir::State::status \"$folder/status\"" \
		"Dir::Cache \"$folder\"" "Dir::Etc::sourcelist \"$folder/sources.list\"" 'Dir::Etc::sourceparts "/dev/null"' "$@" \
		>"$folder/apt.conf"
	export APT_CONFIG=$folder/apt.conf
}
