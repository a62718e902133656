/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guest's RAM disk: memperf with the libraries that it runs with here, its configuration, modules, and what to do. */
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/beside.h"
#include "common/cleanup.h"
#include "common/sha256.h"
#include "runner/config/suite.h"
#include "runner/machine/machine.h"
#include "runner/vm/cpio.h"
#include "runner/vm/internal.h"

/* ---- modules ---- */

/* "kernel/drivers/block/zram/zram.ko.xz" is zram; - and _ are the same, as for modprobe(8). */
static bool is_module(const char *path, size_t len, const char *name)
{
	const char *base = memrchr(path, '/', len);
	size_t i = 0;

	base = base ? base + 1 : path;
	for (; name[i]; i++) {
		char have = base[i] == '-' ? '_' : base[i], want = name[i] == '-' ? '_' : name[i];

		if (base + i >= path + len || have != want)
			return false;
	}
	return !strncmp(base + i, ".ko", 3);
}

/* The line of a list, one path a line, that is of that module, or NULL. */
static const char *find_module(const char *list, const char *name)
{
	while (*list) {
		if (is_module(list, strcspn(list, ":\n"), name))
			return list;
		list += strcspn(list, "\n");
		list += *list == '\n';
	}
	return NULL;
}

/* The words of a line "path: what it depends on", the last one first: so depmod(8) writes them. */
static void add_line(const char *line, struct mp_str *out)
{
	size_t len = strcspn(line, "\n"), end = len;

	while (end) {
		size_t begin = end;

		while (begin && line[begin - 1] != ' ')
			begin--;
		if (end > begin) {
			mp_str_add_len(out, line + begin,
				       end - begin - (line[end - 1] == ':' ? 1 : 0));
			mp_str_addc(out, '\n');
		}
		end = begin ? begin - 1 : 0;
	}
}

int mp_vm_modules(const char *folder, const char *const *names, size_t n, struct mp_str *out,
		  struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str list = MP_STR_INIT, builtin = MP_STR_INIT;
	char path[PATH_MAX];
	int rc;

	snprintf(path, sizeof(path), "%s/modules.dep", folder);
	rc = mp_str_read_file(&list, path);
	if (rc)
		return mp_err_usage(err, rc,
				    "cannot read '%s': %s; --modules wants a folder like "
				    "/lib/modules/VERSION, after 'depmod'",
				    path, strerror(-rc));
	snprintf(path, sizeof(path), "%s/modules.builtin", folder);
	mp_str_read_file(&builtin, path);
	for (size_t i = 0; i < n; i++) {
		const char *line = find_module(list.text, names[i]);

		if (line)
			add_line(line, out);
		else if (!find_module(builtin.text, names[i]))
			return mp_err_usage(err, -ENOENT, "'%s' has no module '%s'", folder,
					    names[i]);
	}
	return out->failed ? mp_err_env(err, -ENOMEM, "out of memory") : 0;
}

static int add_modules(const struct mp_vm *vm, struct mp_cpio *c, struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str paths = MP_STR_INIT;
	MP_CLEANUP(mp_str_done) struct mp_str list = MP_STR_INIT;
	char from[PATH_MAX], to[PATH_MAX];
	int rc = 0;

	if (vm->n_load)
		rc = mp_vm_modules(vm->modules, vm->load, vm->n_load, &paths, err);
	for (char *path = paths.text; !rc && *path;) {
		size_t len = strcspn(path, "\n");

		path[len] = '\0';
		snprintf(from, sizeof(from), "%s%s%s", *path == '/' ? "" : vm->modules,
			 *path == '/' ? "" : "/", path);
		snprintf(to, sizeof(to), "/memperf/%s", path);
		mp_cpio_copy(c, to, from);
		mp_str_printf(&list, "%s\n", to);
		path += len + 1;
	}
	if (!rc && vm->kmod) {
		mp_cpio_copy(c, "/memperf/memperf.ko", vm->kmod);
		mp_str_add(&list, "/memperf/memperf.ko\n");
	}
	mp_cpio_bytes(c, MP_VM_MODULES, 0644, list.text, list.len);
	return rc;
}

/* ---- the rest ---- */

/* The loader and every library that this process was started with, under the same paths. */
static int add_library(struct dl_phdr_info *info, size_t size, void *user)
{
	(void)size;
	if (info->dlpi_name && info->dlpi_name[0] == '/')
		mp_cpio_copy(user, info->dlpi_name, info->dlpi_name);
	return 0;
}

static void add_memperf(struct mp_cpio *c)
{
	char path[PATH_MAX];

	mp_cpio_copy(c, "/bin/memperf", "/proc/self/exe");
	mp_beside_worker(path);
	mp_cpio_copy(c, "/bin/memperf-worker", path);
	dl_iterate_phdr(add_library, c);
	if (!mp_config_folder(path, sizeof(path)))
		mp_cpio_tree(c, "/share/memperf", path);
}

/* A machine of its own, the same whenever this one runs such a guest: results are kept apart by this id (machine-id(5)). */
static void add_machine_id(const struct mp_vm *vm, enum mp_vm_accel accel, struct mp_cpio *c)
{
	char key[33], text[128], id[34];
	uint8_t digest[32];
	int len;

	mp_machine_key(key);
	len = snprintf(text, sizeof(text), "memperf guest of %s: %s, %u CPUs, %u nodes, %llu bytes",
		       key, mp_vm_accel_name(accel), vm->cpus, vm->nodes,
		       (unsigned long long)vm->memory);
	mp_sha256(text, (size_t)len, digest);
	for (unsigned i = 0; i < 16; i++)
		snprintf(id + 2 * i, 3, "%02x", digest[i]);
	strcpy(id + 32, "\n");
	mp_cpio_bytes(c, "/etc/machine-id", 0444, id, 33);
}

static void add_words(const struct mp_vm *vm, struct mp_cpio *c)
{
	MP_CLEANUP(mp_str_done) struct mp_str words = MP_STR_INIT;

	for (size_t i = 0; i < vm->n_words; i++)
		mp_str_add_len(&words, vm->words[i], strlen(vm->words[i]) + 1);
	mp_cpio_bytes(c, MP_VM_WORDS, 0644, words.text, words.len);
	if (vm->db)
		mp_cpio_bytes(c, MP_VM_DB, 0644, vm->db, strlen(vm->db));
}

int mp_vm_disk(const struct mp_vm *vm, enum mp_vm_accel accel, const char *path, struct mp_err *err)
{
	static const char users[] = "root:x:0:0::/:/bin/false\n"
				    "nobody:x:65534:65534::/:/bin/false\n";
	static const char *const folders[] = { "dev", "proc", "sys", "tmp", "work" };
	struct mp_cpio c;
	struct mp_err why;
	int rc, closed;

	mp_cpio_open(&c, path);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		mp_cpio_folder(&c, folders[i]);
	mp_cpio_device(&c, "/dev/console", 5, 1);
	mp_cpio_bytes(&c, "/etc/passwd", 0644, users, sizeof(users) - 1);
	add_memperf(&c);
	add_machine_id(vm, accel, &c);
	add_words(vm, &c);
	for (size_t i = 0; i < vm->n_files; i++) {
		char name[PATH_MAX];

		snprintf(name, sizeof(name), "%s%s", vm->files[i][0] == '/' ? "" : "/work/",
			 vm->files[i]);
		mp_cpio_copy(&c, name, vm->files[i]);
	}
	rc = add_modules(vm, &c, err);
	closed = mp_cpio_close(&c, &why);
	if (!rc && closed && err)
		*err = why;
	return rc ? rc : closed;
}
