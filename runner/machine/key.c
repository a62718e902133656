/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The machine key: the same on every night of one machine, and of no use to anybody else. A salted hash, cut to
 * 64 bits, of the id that the system keeps for this purpose (machine-id(5) asks applications to hash it and never
 * to show it); where there is none, of what the hardware looks like.
 */
#include "runner/machine/machine.h"

#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "runner/machine/internal.h"
#include "common/sha256.h"
#include "runner/machine/sysfile.h"

/* Never change it: every stored run of every machine would lose its history. */
#define SALT "memperf machine key 1:"

#define ID_HEX 32 /* a machine-id is 128 bits in hex */

/* Appends CPU model, board and memory size; identical machines share a key then. */
static void add_looks(const char *root, struct mp_str *text)
{
	MP_CLEANUP(mp_str_done) struct mp_str file = MP_STR_INIT;
	static const char *const boards[] = { "sys_vendor", "product_name", "board_vendor",
					      "board_name" };
	char value[256];
	uint64_t bytes = 0;

	if (!mp_sysfile_read(root, &file, "/proc/cpuinfo") &&
	    (!mp_sysfile_field(file.text, "model name", value, sizeof(value)) ||
	     !mp_sysfile_field(file.text, "CPU part", value, sizeof(value))))
		mp_str_printf(text, "cpu=%s;", value);
	for (size_t i = 0; i < sizeof(boards) / sizeof(boards[0]); i++) {
		if (!mp_sysfile_line(root, value, sizeof(value), "/sys/class/dmi/id/%s", boards[i]))
			mp_str_printf(text, "%s=%s;", boards[i], value);
	}
	if (!mp_sysfile_line(root, value, sizeof(value), "/proc/device-tree/model"))
		mp_str_printf(text, "model=%s;", value);
	mp_str_clear(&file);
	/* In GiB: MemTotal moves by a few pages from kernel to kernel. */
	if (!mp_sysfile_read(root, &file, "/proc/meminfo") &&
	    !mp_sysfile_field_number(file.text, "MemTotal", &bytes))
		mp_str_printf(text, "memory=%llu;",
			      (unsigned long long)((bytes + (1u << 29)) >> 30));
}

void mp_machine_key_from(const char *root, char buf[33])
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	char id[64];
	uint8_t digest[32];

	mp_str_add(&text, SALT);
	if (!mp_sysfile_line(root, id, sizeof(id), "/etc/machine-id") && strlen(id) == ID_HEX &&
	    strspn(id, "0123456789abcdef") == ID_HEX)
		mp_str_add(&text, id);
	else
		add_looks(root, &text);
	mp_sha256(text.text, text.len, digest);
	for (unsigned i = 0; i < 8; i++)
		snprintf(buf + 2 * i, 3, "%02x", digest[i]);
}

void mp_machine_key(char buf[33])
{
	mp_machine_key_from("", buf);
}
