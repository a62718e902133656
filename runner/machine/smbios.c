/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walks an SMBIOS table for memory devices: see smbios.h. Nothing of it is trusted: it is firmware's work. */
#include "runner/machine/smbios.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define HEADER	      4
#define MEMORY_DEVICE 17
#define END_OF_TABLE  127

/* Offsets in a memory device (DSP0134, table 76). A structure of an older version ends before the later ones. */
enum {
	TOTAL_WIDTH = 0x08,
	DATA_WIDTH = 0x0a,
	SIZE = 0x0c,
	FORM_FACTOR = 0x0e,
	MEMORY_TYPE = 0x12,
	SPEED = 0x15,
	MANUFACTURER = 0x17,
	PART_NUMBER = 0x1a,
	ATTRIBUTES = 0x1b,
	EXTENDED_SIZE = 0x1c,
	CONFIGURED_SPEED = 0x20,
	CONFIGURED_VOLTAGE = 0x26,
	TECHNOLOGY = 0x28,
	EXTENDED_SPEED = 0x54,
	EXTENDED_CONFIGURED_SPEED = 0x58,
};

/* One structure: its formatted area, and the strings behind it. */
struct structure {
	const uint8_t *data;
	size_t len;
	const char *strings, *end;
};

/* A little-endian number; 0, which is "unknown" or "none" in every field read here, when the structure ends before. */
static uint32_t number(const struct structure *s, size_t offset, size_t bytes)
{
	uint32_t value = 0;

	if (offset + bytes > s->len)
		return 0;
	for (size_t i = 0; i < bytes; i++)
		value |= (uint32_t)s->data[offset + i] << (8 * i);
	return value;
}

/* The string that the byte at `offset` counts to, from 1; some firmware fills it with blanks or unprintable bytes. */
static void string(const struct structure *s, size_t offset, char *buf, size_t size)
{
	uint32_t index = number(s, offset, 1);
	const char *at = s->strings;
	size_t len = 0;

	*buf = '\0';
	while (index > 1 && at < s->end && *at) {
		at += strnlen(at, (size_t)(s->end - at)) + 1;
		index--;
	}
	if (!index || index > 1)
		return;
	for (; at < s->end && *at && len + 1 < size; at++) {
		if (isprint((unsigned char)*at) && (len || *at != ' '))
			buf[len++] = *at;
	}
	while (len && buf[len - 1] == ' ')
		len--;
	buf[len] = '\0';
}

/* Widths and voltages: all ones is "unknown". */
static unsigned known16(uint32_t value)
{
	return value == 0xffff ? 0 : value;
}

static uint64_t size_of(const struct structure *s)
{
	uint32_t size = number(s, SIZE, 2);

	if (size == 0xffff)
		return 0;
	if (size == 0x7fff)
		return (uint64_t)(number(s, EXTENDED_SIZE, 4) & 0x7fffffff) << 20;
	return size & 0x8000 ? (uint64_t)(size & 0x7fff) << 10 : (uint64_t)size << 20;
}

static unsigned speed_of(const struct structure *s, size_t offset, size_t extended)
{
	uint32_t speed = number(s, offset, 2);

	return speed == 0xffff ? number(s, extended, 4) & 0x7fffffff : speed;
}

static void tell(const struct structure *s,
		 void (*each)(void *user, const struct mp_smbios_dimm *dimm), void *user)
{
	struct mp_smbios_dimm dimm = {
		.populated = number(s, SIZE, 2) != 0,
		.bytes = size_of(s),
		.type = (uint8_t)number(s, MEMORY_TYPE, 1),
		.form = (uint8_t)number(s, FORM_FACTOR, 1),
		.technology = (uint8_t)number(s, TECHNOLOGY, 1),
		.rated_mts = speed_of(s, SPEED, EXTENDED_SPEED),
		.configured_mts = speed_of(s, CONFIGURED_SPEED, EXTENDED_CONFIGURED_SPEED),
		.data_width = known16(number(s, DATA_WIDTH, 2)),
		.total_width = known16(number(s, TOTAL_WIDTH, 2)),
		.ranks = number(s, ATTRIBUTES, 1) & 0x0f,
		.millivolts = number(s, CONFIGURED_VOLTAGE, 2),
	};

	string(s, MANUFACTURER, dimm.maker, sizeof(dimm.maker));
	string(s, PART_NUMBER, dimm.part, sizeof(dimm.part));
	each(user, &dimm);
}

int mp_smbios_dimms(const void *table, size_t len,
		    void (*each)(void *user, const struct mp_smbios_dimm *dimm), void *user)
{
	const char *at = table, *end = at + len;
	int count = 0;

	while (end - at >= HEADER) {
		struct structure s = { .data = (const uint8_t *)at, .end = end };
		uint8_t type = s.data[0];

		s.len = s.data[1];
		if (s.len < HEADER || s.len > (size_t)(end - at))
			return -EINVAL;
		s.strings = at + s.len;
		if (type == MEMORY_DEVICE) {
			tell(&s, each, user);
			count++;
		}
		if (type == END_OF_TABLE)
			break;
		/* The strings end with an empty one; without any, two zero bytes stand in their place. */
		for (at = s.strings; end - at >= 2 && (at[0] || at[1]); at++)
			;
		if (end - at < 2)
			return -EINVAL;
		at += 2;
	}
	return count;
}

const char *mp_smbios_memory_type(uint8_t type)
{
	static const char *const names[] = {
		[0x03] = "DRAM",	 [0x07] = "RAM",	  [0x09] = "flash",
		[0x0f] = "SDRAM",	 [0x12] = "DDR",	  [0x13] = "DDR2",
		[0x14] = "DDR2 FB-DIMM", [0x18] = "DDR3",	  [0x1a] = "DDR4",
		[0x1b] = "LPDDR",	 [0x1c] = "LPDDR2",	  [0x1d] = "LPDDR3",
		[0x1e] = "LPDDR4",	 [0x1f] = "non-volatile", [0x20] = "HBM",
		[0x21] = "HBM2",	 [0x22] = "DDR5",	  [0x23] = "LPDDR5",
		[0x24] = "HBM3",
	};

	return type < sizeof(names) / sizeof(names[0]) ? names[type] : NULL;
}

const char *mp_smbios_form(uint8_t form)
{
	static const char *const names[] = {
		[0x03] = "SIMM",   [0x05] = "chip",    [0x09] = "DIMM", [0x0b] = "row of chips",
		[0x0d] = "SODIMM", [0x0f] = "FB-DIMM", [0x10] = "die",	[0x11] = "CAMM",
	};

	return form < sizeof(names) / sizeof(names[0]) ? names[form] : NULL;
}
