/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guests: which modules go along, in which order; the archive that a kernel unpacks. */
#include "runner/vm/cpio.h"
#include "runner/vm/internal.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

static char folder[64];

static void write_file(const char *name, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static int set_up(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/test_vm-XXXXXX");
	return !mkdtemp(folder);
}

static int tear_down(void **state)
{
	static const char *const names[] = { "modules.dep", "modules.builtin", "disk", "" };
	char path[128];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		remove(path);
	}
	return 0;
}

static void modules_come_after_what_they_need(void **state)
{
	const char *const names[] = { "zram", "virtio_blk", "loop" };
	struct mp_str out = MP_STR_INIT;
	struct mp_err err;

	(void)state;
	write_file("modules.dep",
		   "kernel/mm/zsmalloc.ko.xz:\n"
		   "kernel/drivers/block/zramx.ko:\n"
		   "kernel/drivers/block/zram.ko.xz: kernel/mm/zsmalloc.ko.xz kernel/lib/lz4.ko\n"
		   "kernel/drivers/block/virtio-blk.ko:\n");
	write_file("modules.builtin", "kernel/drivers/block/loop.ko\n");
	assert_int_equal(mp_vm_modules(folder, names, 3, &out, &err), 0);
	assert_string_equal(out.text, "kernel/lib/lz4.ko\nkernel/mm/zsmalloc.ko.xz\n"
				      "kernel/drivers/block/zram.ko.xz\n"
				      "kernel/drivers/block/virtio-blk.ko\n");
	mp_str_done(&out);
}

static void unknown_modules_are_told(void **state)
{
	const char *const names[] = { "zra" };
	struct mp_str out = MP_STR_INIT;
	struct mp_err err;

	(void)state;
	assert_int_equal(mp_vm_modules(folder, names, 1, &out, &err), -ENOENT);
	assert_non_null(strstr(err.text, "has no module 'zra'"));
	remove(strcat(strcpy((char[128]){ 0 }, folder), "/modules.dep"));
	assert_int_equal(mp_vm_modules(folder, names, 1, &out, &err), -ENOENT);
	assert_non_null(strstr(err.text, "after 'depmod'"));
}

/* Byte by byte: other kernels take other liberties with what is nearly right. */
static void archives_are_as_the_kernel_wants_them(void **state)
{
	struct mp_str have = MP_STR_INIT;
	struct mp_cpio c;
	struct mp_err err;
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/disk", folder);
	mp_cpio_open(&c, path);
	mp_cpio_bytes(&c, "/a/b", 0644, "hello", 5);
	assert_int_equal(mp_cpio_close(&c, &err), 0);
	assert_int_equal(mp_str_read_file(&have, path), 0);
	assert_int_equal(have.len, 112 + 124 + 124);
	assert_memory_equal(have.text, "07070100000001000041ED", 22);
	assert_memory_equal(have.text + 110, "a\0", 2);
	assert_memory_equal(have.text + 112, "07070100000002000081A4", 22);
	assert_memory_equal(have.text + 112 + 54, "00000005", 8);
	assert_memory_equal(have.text + 112 + 110, "a/b\0\0\0hello\0\0\0", 14);
	assert_memory_equal(have.text + 112 + 124 + 110, "TRAILER!!!\0", 11);
	mp_str_done(&have);
}

static void what_cannot_be_copied_is_told(void **state)
{
	struct mp_cpio c;
	struct mp_err err;
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/disk", folder);
	mp_cpio_open(&c, path);
	mp_cpio_copy(&c, "x", "/nonexistent/x");
	mp_cpio_bytes(&c, "y", 0644, "", 0);
	assert_int_equal(mp_cpio_close(&c, &err), -ENOENT);
	assert_non_null(strstr(err.text, "'/nonexistent/x'"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modules_come_after_what_they_need),
		cmocka_unit_test(unknown_modules_are_told),
		cmocka_unit_test(archives_are_as_the_kernel_wants_them),
		cmocka_unit_test(what_cannot_be_copied_is_told),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
