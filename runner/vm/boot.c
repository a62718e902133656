/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A guest's life, seen from outside: QEMU is started, what comes out is taken, and it is ended. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/sha256.h"
#include "common/units.h"
#include "common/vec.h"
#include "runner/vm/internal.h"

#if defined(__aarch64__)
#define QEMU	"qemu-system-aarch64"
#define PACKAGE "qemu-system-arm"
#define MACHINE "virt"
#define CONSOLE "ttyAMA0"
#define CPU_TCG "max"
/* The machine has one serial port: the other is a card. */
#define CHANNEL "-device", "pci-serial,chardev=channel"
#else
#define QEMU	"qemu-system-x86_64"
#define PACKAGE "qemu-system-x86"
#define MACHINE "q35"
#define CONSOLE "ttyS0"
/* Emulated "fast strings" are stores of single bytes. */
#define CPU_TCG "max,-erms"
#define CHANNEL "-serial", "chardev:channel"
#endif

#define BOOT_NS	  300000000000ull /* most until memperf starts */
#define SILENT_NS 20000000000ull /* a kernel under KVM has said something by then */
#define LOOK_MS	  200
#define TAIL	  12 /* lines */

/* One boot. */
struct boot {
	const struct mp_vm *vm;
	enum mp_vm_accel accel;
	const char *silent; /* why KVM does not work here, or NULL */
	char console[PATH_MAX], channel[PATH_MAX], log[PATH_MAX], disk[PATH_MAX], db[PATH_MAX];
	char **argv;
	size_t argc, cap;
	pid_t pid;
	int fd; /* of the channel's file */
	FILE *out; /* the database as it comes; NULL: not yet */
	struct mp_str pending; /* of a frame that is not whole yet */
	bool started, ended, garbled;
	struct mp_vm_end end;
};

const char *mp_vm_accel_name(enum mp_vm_accel accel)
{
	return accel == MP_VM_KVM ? "kvm" : "tcg";
}

/* ---- QEMU's command line ---- */

static void arg(struct boot *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void arg(struct boot *b, const char *fmt, ...)
{
	struct mp_str text = MP_STR_INIT;
	char **slot = mp_vec_push((void **)&b->argv, &b->argc, &b->cap, sizeof(*slot));
	va_list ap;

	va_start(ap, fmt);
	mp_str_vprintf(&text, fmt, ap);
	va_end(ap);
	if (slot)
		*slot = mp_str_take(&text);
	mp_str_done(&text);
}

static void args(struct boot *b, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		arg(b, "%s", words[i]);
}

/* CPUs and memory in equal parts, as far as they go. */
static void nodes(struct boot *b)
{
	unsigned n = b->vm->nodes, cpu = 0;

	for (unsigned i = 0; n > 1 && i < n; i++) {
		unsigned last = (i + 1) * b->vm->cpus / n - 1;

		arg(b, "-object");
		arg(b, "memory-backend-ram,id=m%u,size=%lluM", i,
		    (unsigned long long)(b->vm->memory >> 20) / n);
		arg(b, "-numa");
		arg(b, "node,nodeid=%u,cpus=%u-%u,memdev=m%u", i, cpu, last, i);
		cpu = last + 1;
	}
}

static int command_line(struct boot *b, struct mp_err *err)
{
	static const char *const quiet[] = { QEMU,	   "-nodefaults", "-no-user-config",
					     "-no-reboot", "-display",	  "none",
					     "-vga",	   "none",	  "-monitor",
					     "none",	   "-machine",	  MACHINE };
	static const char *const channel[] = { CHANNEL };
	const struct mp_vm *vm = b->vm;
	bool kvm = b->accel == MP_VM_KVM;

	args(b, quiet, sizeof(quiet) / sizeof(quiet[0]));
	arg(b, "-accel");
	/* Threads of CPUs would run what another CPU's code was before the kernel rewrote it. */
	arg(b, "%s", kvm ? "kvm" : "tcg,thread=single");
	arg(b, "-cpu");
	arg(b, "%s", kvm ? "host" : CPU_TCG);
	arg(b, "-smp");
	arg(b, "%u", vm->cpus);
	arg(b, "-m");
	/* Nodes have equal parts of it. */
	arg(b, "%lluM", (unsigned long long)(vm->memory >> 20) / vm->nodes * vm->nodes);
	nodes(b);
	arg(b, "-chardev");
	arg(b, "file,id=console,path=%s", b->console);
	arg(b, "-chardev");
	arg(b, "file,id=channel,path=%s", b->channel);
	arg(b, "-serial");
	arg(b, "chardev:console");
	args(b, channel, sizeof(channel) / sizeof(channel[0]));
	arg(b, "-kernel");
	arg(b, "%s", vm->kernel);
	arg(b, "-initrd");
	arg(b, "%s", b->disk);
	arg(b, "-append");
	/* What the user adds comes last, and wins. */
	arg(b, "console=%s panic=-1 %s" MP_VM_PARAMETER "%s rdinit=/bin/memperf%s%s -- vm --guest",
	    CONSOLE, kvm ? "" : "tsc=unstable ", mp_vm_accel_name(b->accel), vm->append ? " " : "",
	    vm->append ? vm->append : "");
	if (!mp_vec_push((void **)&b->argv, &b->argc, &b->cap, sizeof(*b->argv)))
		return mp_err_env(err, -ENOMEM, "out of memory");
	return 0;
}

/* A process group of its own: Ctrl-C is for memperf, which then ends it. It does not outlive memperf. */
static void become_qemu(const struct boot *b, int report)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int log = open(b->log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(null, 0);
	dup2(log, 1);
	dup2(log, 2);
	execvp(b->argv[0], b->argv);
	if (write(report, &errno, sizeof(errno)) < 0)
		_exit(126);
	_exit(127);
}

static int start(struct boot *b, struct mp_err *err)
{
	int report[2], code = 0;

	if (pipe2(report, O_CLOEXEC))
		return mp_err_env(err, -errno, "cannot make a pipe: %s", strerror(errno));
	b->pid = fork();
	if (!b->pid)
		become_qemu(b, report[1]);
	close(report[1]);
	if (b->pid < 0 || read(report[0], &code, sizeof(code)) < 0)
		code = errno;
	close(report[0]);
	if (!code)
		return 0;
	if (b->pid > 0)
		waitpid(b->pid, NULL, 0);
	if (code == ENOENT)
		return mp_err_env(err, -ENOENT,
				  "there is no '" QEMU "' here; apt-get install " PACKAGE);
	return mp_err_env(err, -code, "cannot start '" QEMU "': %s", strerror(code));
}

/* ---- what comes out ---- */

static void take_database(struct boot *b, const char *bytes, size_t len)
{
	if (!b->out)
		b->out = fopen(b->db, "we");
	if (!b->out || fwrite(bytes, 1, len, b->out) != len)
		b->garbled = true;
}

/* The file is whole when it has the hash that the guest counted. */
static void judge_database(struct boot *b, const char *hash, size_t len)
{
	MP_CLEANUP(mp_str_done) struct mp_str file = MP_STR_INIT;
	uint8_t digest[32];

	if (b->out && !fclose(b->out) && !mp_str_read_file(&file, b->db)) {
		mp_sha256(file.text, file.len, digest);
		b->end.database = len == sizeof(digest) && !memcmp(digest, hash, len);
	}
	b->out = NULL;
	b->garbled = b->garbled || !b->end.database;
}

static void take_frame(struct boot *b, char kind, char *bytes, size_t len)
{
	const struct mp_vm *vm = b->vm;

	switch ((enum mp_vm_frame)kind) {
	case MP_VM_STARTED:
		b->started = true;
		return;
	case MP_VM_OUTPUT:
	case MP_VM_ERROR:
		vm->output(vm->user, kind == MP_VM_ERROR, bytes, len);
		return;
	case MP_VM_NOTE: {
		MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;

		mp_str_add_len(&text, bytes, len);
		vm->note(vm->user, text.text);
		return;
	}
	case MP_VM_DATABASE:
		take_database(b, bytes, len);
		return;
	case MP_VM_HASH:
		judge_database(b, bytes, len);
		return;
	case MP_VM_EXIT:
		b->ended = true;
		b->end.code = atoi(bytes);
		return;
	}
	b->garbled = true;
}

/* The frames that are whole. */
static void take_frames(struct boot *b)
{
	size_t at = 0, len;
	int header;

	while (!b->ended && !b->garbled &&
	       memchr(b->pending.text + at, '\n', b->pending.len - at)) {
		char *text = b->pending.text + at, last;

		if (sscanf(text + 1, " %zu%n", &len, &header) != 1 || len > MP_VM_FRAME_MAX ||
		    text[1 + header] != '\n') {
			b->garbled = true;
			return;
		}
		header += 2;
		if (b->pending.len - at < (size_t)header + len)
			break;
		/* A text for whoever reads it as one. */
		last = text[(size_t)header + len];
		text[(size_t)header + len] = '\0';
		take_frame(b, text[0], text + header, len);
		text[(size_t)header + len] = last;
		at += (size_t)header + len;
	}
	memmove(b->pending.text, b->pending.text + at, b->pending.len - at + 1);
	b->pending.len -= at;
}

static void take(struct boot *b)
{
	static char buffer[1 << 16];
	ssize_t n;

	if (b->fd < 0)
		b->fd = open(b->channel, O_RDONLY | O_CLOEXEC);
	while (b->fd >= 0 && !b->ended && !b->garbled &&
	       (n = read(b->fd, buffer, sizeof(buffer))) > 0) {
		mp_str_add_len(&b->pending, buffer, (size_t)n);
		if (b->pending.len)
			take_frames(b);
	}
}

/* ---- how it ends ---- */

static bool empty(const char *path)
{
	struct stat st;

	return stat(path, &st) || !st.st_size;
}

/* The last line of a log, or of those that hold a word; cut to fit. */
static void last_line(const char *path, const char *word, char *buf, size_t size)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;

	buf[0] = '\0';
	mp_str_read_file(&text, path);
	for (char *line = text.text, *rest = NULL; (line = strtok_r(line, "\r\n", &rest));
	     line = NULL) {
		char *found = *word ? strstr(line, word) : line;

		if (found)
			snprintf(buf, size, "%.*s", 300, found);
	}
}

/* It ended by itself, before memperf did. */
static int died(const struct boot *b, struct mp_err *err)
{
	char panic[301], said[301];

	last_line(b->console, "Kernel panic", panic, sizeof(panic));
	last_line(b->log, "", said, sizeof(said));
	if (*panic)
		return mp_err_env(err, -EIO, "'%s' does not live: %s", b->vm->kernel, panic);
	if (empty(b->console) && *said)
		return mp_err_env(err, -EIO, "QEMU cannot boot '%s': %s", b->vm->kernel, said);
	return mp_err_env(err, -EIO, "'%s' ended before memperf %s", b->vm->kernel,
			  b->started ? "did" : "started");
}

static int too_long(const struct boot *b, uint64_t limit, struct mp_err *err)
{
	char text[MP_UNITS_LEN];

	mp_period_format((double)limit / 1e9, text);
	if (b->started)
		return mp_err_env(err, -ETIMEDOUT,
				  "'%s' was not done after %s; --timeout gives it more",
				  b->vm->kernel, text);
	return mp_err_env(err, -ETIMEDOUT, "'%s' did not start memperf within %s%s", b->vm->kernel,
			  text, empty(b->console) ? ", and wrote nothing on its console" : "");
}

/* Until the guest says that it is done, or cannot any more. */
static int watch(struct boot *b, struct mp_err *err)
{
	MP_CLEANUP(mp_close_fd) int fd = (int)syscall(SYS_pidfd_open, b->pid, 0);
	uint64_t begin = mp_clock_raw_ns(), boot = b->vm->timeout_ns;
	struct pollfd gone = { fd, POLLIN, 0 };

	if (boot > BOOT_NS)
		boot = BOOT_NS;
	for (;;) {
		bool dead = poll(&gone, 1, LOOK_MS) == 1;
		uint64_t now = mp_clock_raw_ns() - begin;

		take(b);
		if (b->ended)
			return 0;
		if (b->garbled)
			return mp_err_env(
				err, -EIO,
				"what '%s' sent over its second serial port was changed on "
				"the way",
				b->vm->kernel);
		if (*b->vm->stop)
			return mp_err_env(err, -EINTR, "interrupted");
		if (dead)
			return died(b, err);
		if (now > (b->started ? b->vm->timeout_ns : boot))
			return too_long(b, b->started ? b->vm->timeout_ns : boot, err);
		if (b->accel == MP_VM_KVM && b->vm->accel == MP_VM_AUTO && now > SILENT_NS &&
		    empty(b->console))
			return mp_err_env(err, -EIO, "a guest under KVM says nothing");
	}
}

static void done(struct boot *b)
{
	for (size_t i = 0; i < b->argc; i++)
		free(b->argv[i]);
	free(b->argv);
	mp_close_fd(&b->fd);
	if (b->out)
		fclose(b->out);
	mp_str_done(&b->pending);
}

static int boot(struct boot *b, struct mp_err *err)
{
	const char *folder = b->vm->folder;
	int rc;

	b->fd = -1;
	b->pending = (struct mp_str)MP_STR_INIT;
	snprintf(b->console, sizeof(b->console), "%s/console", folder);
	snprintf(b->channel, sizeof(b->channel), "%s/channel", folder);
	snprintf(b->log, sizeof(b->log), "%s/qemu", folder);
	snprintf(b->disk, sizeof(b->disk), "%s/disk", folder);
	snprintf(b->db, sizeof(b->db), "%s/results.db", folder);
	unlink(b->console);
	unlink(b->channel);
	unlink(b->db);
	rc = mp_vm_disk(b->vm, b->accel, b->disk, err);
	if (!rc)
		rc = command_line(b, err);
	if (!rc)
		rc = start(b, err);
	if (rc)
		return rc;
	rc = watch(b, err);
	kill(b->pid, SIGKILL);
	waitpid(b->pid, NULL, 0);
	return rc;
}

/* ---- which accelerator ---- */

static void say(const struct mp_vm *vm, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void say(const struct mp_vm *vm, const char *fmt, ...)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	va_list ap;

	va_start(ap, fmt);
	mp_str_vprintf(&text, fmt, ap);
	va_end(ap);
	vm->note(vm->user, text.text);
}

static void say_emulated(const struct mp_vm *vm, const char *why)
{
	say(vm,
	    "%s: the guest's processor is emulated (TCG); its times show that it works, not "
	    "how fast",
	    why);
}

static enum mp_vm_accel choose(const struct mp_vm *vm)
{
	if (vm->accel == MP_VM_TCG)
		say_emulated(vm, "--accel tcg");
	if (vm->accel != MP_VM_AUTO)
		return vm->accel;
	if (!access("/dev/kvm", R_OK | W_OK))
		return MP_VM_KVM;
	say_emulated(vm, errno == ENOENT ? "there is no /dev/kvm"
					 : "/dev/kvm may not be used by this user");
	return MP_VM_TCG;
}

int mp_vm_run(const struct mp_vm *vm, struct mp_vm_end *ret_end, struct mp_err *err)
{
	enum mp_vm_accel accel = choose(vm);
	bool again = false;
	struct mp_err why;

	for (;;) {
		struct boot b = { .vm = vm, .accel = accel };
		int rc = boot(&b, &why);
		char said[301];
		bool silent = empty(b.console), early = rc == -EIO && !b.started;

		if (!rc) {
			b.end.accel = accel;
			*ret_end = b.end;
		}
		done(&b);
		if (early && silent && accel == MP_VM_KVM && vm->accel == MP_VM_AUTO) {
			last_line(b.log, "", said, sizeof(said));
			say(vm, "KVM does not work here: %s", *said ? said : why.text);
			say_emulated(vm, "without KVM");
			accel = MP_VM_TCG;
		} else if (early && !again) {
			say(vm, "%s; tried once more", why.text);
			again = true;
		} else {
			if (rc && err)
				*err = why;
			return rc;
		}
	}
}

void mp_vm_console(const char *folder, struct mp_str *out)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	char path[PATH_MAX];
	size_t lines = 0;
	char *begin;

	snprintf(path, sizeof(path), "%s/console", folder);
	if (mp_str_read_file(&text, path) || !text.len)
		return;
	for (begin = text.text + text.len - 1; begin > text.text && lines <= TAIL; begin--)
		lines += begin[-1] == '\n';
	for (char *line = begin, *rest = NULL; (line = strtok_r(line, "\r\n", &rest)); line = NULL)
		mp_str_printf(out, "  | %.300s\n", line);
}
