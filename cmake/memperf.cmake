# SPDX-License-Identifier: GPL-3.0-or-later
# The functions that every folder uses.

# Assertions are for programmer errors and stay in every build but the one that proves that nothing else
# hides in them.
option(MEMPERF_NDEBUG "build without assertions" OFF)
foreach(kind IN ITEMS RELEASE RELWITHDEBINFO MINSIZEREL)
	string(REGEX REPLACE " ?-DNDEBUG" "" CMAKE_C_FLAGS_${kind} "${CMAKE_C_FLAGS_${kind}}")
endforeach()
if(MEMPERF_NDEBUG)
	add_compile_definitions(NDEBUG)
endif()

# libc checks the sizes of buffers as well as compiler and libc can (features.h); it says so with a warning where it cannot.
include(CheckCSourceCompiles)
set(MEMPERF_FORTIFY 2)
set(CMAKE_REQUIRED_FLAGS "-O2 -Werror -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3")
check_c_source_compiles("#include <string.h>\nint main(void) { return 0; }" MEMPERF_FORTIFY_3)
unset(CMAKE_REQUIRED_FLAGS)
if(MEMPERF_FORTIFY_3)
	set(MEMPERF_FORTIFY 3)
endif()

set(MEMPERF_WARNINGS -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Wvla -Wformat=2
	-Wwrite-strings -Wpointer-arith -Wundef)

# Flags of every target. MEASURED: code that also runs in the measured process, never instrumented.
function(memperf_flags target)
	cmake_parse_arguments(arg "MEASURED" "" "" ${ARGN})
	target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR})
	target_compile_definitions(${target} PRIVATE _GNU_SOURCE)
	# What an assertion of the measured process says is stored: it names no folder of whoever built it.
	target_compile_options(${target} PRIVATE ${MEMPERF_WARNINGS} -fmacro-prefix-map=${CMAKE_SOURCE_DIR}/=)
	if(MEMPERF_WERROR)
		target_compile_options(${target} PRIVATE -Werror)
	endif()
	# Not in tests: gcc believes that cmocka's assertions return. Not NULL itself: gcc does not know that mp_err_env() returns the code
	# it is given, nor that what is NULL has a count of 0. Memory that may be NULL is still asked about.
	if(MEMPERF_ANALYZER AND NOT CMAKE_CURRENT_SOURCE_DIR STREQUAL "${CMAKE_SOURCE_DIR}/tests")
		target_compile_options(${target} PRIVATE -fanalyzer -Wno-analyzer-null-dereference)
	endif()
	if(arg_MEASURED)
		# Frame pointers make the measured process readable in perf, and cost it nothing here; it is a
		# static position-independent executable, and not every compiler makes those by default.
		target_compile_options(${target} PRIVATE -O2 -fno-omit-frame-pointer -fPIE)
	else()
		# Against what a hostile file might make of a defect. Not in the measured process: it costs the operation something.
		target_compile_options(${target} PRIVATE -fPIE -fstack-protector-strong)
		if(NOT MEMPERF_SANITIZE AND NOT MEMPERF_FUZZ)
			target_compile_options(${target} PRIVATE
				"$<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=${MEMPERF_FORTIFY}>")
		endif()
		if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|amd64")
			target_compile_options(${target} PRIVATE -fcf-protection)
		endif()
		target_link_options(${target} PRIVATE -pie LINKER:-z,relro,-z,now,-z,noexecstack)
		if(MEMPERF_SANITIZE)
			target_compile_options(${target} PRIVATE -fsanitize=${MEMPERF_SANITIZE}
				-fno-sanitize-recover=undefined -fno-omit-frame-pointer)
			target_link_options(${target} PUBLIC -fsanitize=${MEMPERF_SANITIZE})
		endif()
		if(MEMPERF_FUZZ)
			target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
			target_link_options(${target} PUBLIC -fsanitize=fuzzer-no-link)
		endif()
		if(MEMPERF_COVERAGE)
			target_compile_options(${target} PRIVATE --coverage -fprofile-update=atomic)
			target_link_options(${target} PUBLIC --coverage LINKER:--wrap=_exit)
			target_link_libraries(${target} PRIVATE mp_coverage_exit)
		endif()
	endif()
endfunction()

# Files that store memory in an element of a list or table of their caller's, where gcc's analyzer loses sight of it and calls it a leak.
function(memperf_hands_over)
	if(MEMPERF_ANALYZER)
		set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS -Wno-analyzer-malloc-leak)
	endif()
endfunction()

# A static library whose code runs on both sides: TARGET for memperf and the tests, TARGET_measured for the
# measured process. They are one and the same library unless a sanitizer or coverage instruments the first.
#   memperf_measured_library(TARGET SOURCES file.c ... [LINK library ...])
function(memperf_measured_library target)
	cmake_parse_arguments(arg "" "" "SOURCES;LINK" ${ARGN})
	add_library(${target} STATIC ${arg_SOURCES})
	target_link_libraries(${target} PUBLIC ${arg_LINK})
	if(NOT MEMPERF_SANITIZE AND NOT MEMPERF_COVERAGE)
		memperf_flags(${target} MEASURED)
		add_library(${target}_measured ALIAS ${target})
		return()
	endif()
	memperf_flags(${target})
	add_library(${target}_measured STATIC ${arg_SOURCES})
	memperf_flags(${target}_measured MEASURED)
	foreach(library IN LISTS arg_LINK)
		if(TARGET ${library}_measured)
			set(library ${library}_measured)
		endif()
		target_link_libraries(${target}_measured PUBLIC ${library})
	endforeach()
endfunction()

# Adding a thing touches one file: the name of FOLDER/<name>.c names the descriptor PREFIX<name> that it
# exports, and this writes the list (in name order) from the file names. A file without its descriptor is a
# link error that names it.
#   memperf_collect(TARGET t FOLDER benchmarks PREFIX mp_family_ TYPE "struct mp_family"
#                   LIST mp_families COUNT mp_n_families HEADER benchmarks/support/families.h [GLOB "*.c"]
#                   [EXCLUDE file.c ...])
function(memperf_collect)
	cmake_parse_arguments(arg "" "TARGET;FOLDER;PREFIX;TYPE;LIST;COUNT;HEADER;GLOB" "EXCLUDE" ${ARGN})
	if(NOT arg_GLOB)
		set(arg_GLOB "*.c")
	endif()
	file(GLOB files CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/${arg_FOLDER}
		${CMAKE_SOURCE_DIR}/${arg_FOLDER}/${arg_GLOB})
	list(REMOVE_ITEM files ${arg_EXCLUDE})
	list(SORT files)
	set(declarations "")
	set(entries "")
	foreach(file IN LISTS files)
		string(REGEX REPLACE "\\.c$" "" name ${file})
		string(REGEX REPLACE "^cmd_" "" name ${name})
		string(APPEND declarations "extern const ${arg_TYPE} ${arg_PREFIX}${name};\n")
		string(APPEND entries "\t&${arg_PREFIX}${name},\n")
	endforeach()
	set(out ${CMAKE_BINARY_DIR}/generated/${arg_LIST}.c)
	file(CONFIGURE OUTPUT ${out} @ONLY CONTENT
"/* Generated from the file names in ${arg_FOLDER}/. */
#include \"${arg_HEADER}\"

${declarations}
const ${arg_TYPE} *const ${arg_LIST}[] = {
${entries}};
const size_t ${arg_COUNT} = sizeof(${arg_LIST}) / sizeof(${arg_LIST}[0]);
")
	foreach(target IN ITEMS ${arg_TARGET} ${arg_TARGET}_measured)
		if(TARGET ${target})
			get_target_property(same ${target} ALIASED_TARGET)
			if(NOT same)
				target_sources(${target} PRIVATE ${out})
			endif()
		endif()
	endforeach()
endfunction()

# RESULT becomes the definition of a text: a file as C sees it. Hex, because a string literal has a length limit and a
# quoting of its own. A comment that the file opens with stays behind.
function(memperf_embed path variable result)
	set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
	file(READ ${path} text)
	string(REGEX REPLACE "^/[*][^*]*[*]/\n" "" text "${text}")
	string(HEX "${text}" hex)
	string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," hex "${hex}")
	set(${result} "const char ${variable}[] = {${hex}0};\n" PARENT_SCOPE)
endfunction()
