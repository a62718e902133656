# SPDX-License-Identifier: GPL-3.0-or-later
# Read by cpack before it begins. Without dpkg-shlibdeps it would make a package that depends on no library, and say nothing.
cmake_policy(VERSION 3.25)
foreach(program IN ITEMS dpkg-shlibdeps file)
	find_program(found ${program} NO_CACHE)
	if(NOT found)
		message(FATAL_ERROR "there is no '${program}' here: apt-get install dpkg-dev file")
	endif()
	unset(found)
endforeach()
