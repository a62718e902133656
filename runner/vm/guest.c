/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memperf as the first program of a guest: mounts what programs expect, loads modules, runs one command line, sends it all out. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/sha256.h"
#include "common/spawn.h"
#include "common/vec.h"
#include "runner/vm/internal.h"

#define COMPRESSED_FILE 4 /* MODULE_INIT_COMPRESSED_FILE of linux/module.h, since Linux 5.17 */

#define LOG_LEVEL_SET                                                                              \
	8 /* of syslog(2): what is less important than that does not reach the console */
#define LOG_ERRORS 4

static int channel = -1;

static void write_all(const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len) {
		ssize_t n = write(channel, at, len);

		if (n <= 0)
			return;
		at += n;
		len -= (size_t)n;
	}
}

static void frame(enum mp_vm_frame kind, const void *bytes, size_t len)
{
	char header[32];

	write_all(header, (size_t)snprintf(header, sizeof(header), "%c %zu\n", kind, len));
	write_all(bytes, len);
}

static void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void note(const char *fmt, ...)
{
	MP_CLEANUP(mp_str_done) struct mp_str text = MP_STR_INIT;
	va_list ap;

	va_start(ap, fmt);
	mp_str_vprintf(&text, fmt, ap);
	va_end(ap);
	frame(MP_VM_NOTE, text.text, text.len);
}

static _Noreturn void switch_off(void)
{
	tcdrain(channel);
	sync();
	reboot(RB_POWER_OFF);
	/* A machine without a switch: QEMU ends when it is to boot again. */
	reboot(RB_AUTOBOOT);
	for (;;)
		pause();
}

/* What a kernel lacks is no error: it is then not there for memperf either. */
static void mount_all(void)
{
	static const char *const mounts[][2] = {
		{ "proc", "/proc" },
		{ "sysfs", "/sys" },
		{ "devtmpfs", "/dev" },
		{ "tmpfs", "/dev/shm" },
		{ "tmpfs", "/tmp" },
		{ "debugfs", "/sys/kernel/debug" },
		{ "cgroup2", "/sys/fs/cgroup" },
		{ "tracefs", "/sys/kernel/tracing" },
	};

	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		mkdir(mounts[i][1], 0755);
		mount(mounts[i][0], mounts[i][1], mounts[i][0], 0, NULL);
	}
	chmod("/tmp", 01777);
	chmod("/dev/shm", 01777);
	if (sethostname("guest", 5)) {
		/* A kernel that has no name measures as well. */
	}
}

/* Bytes go out as they are: no echo, no line ends of a terminal. */
static bool open_channel(void)
{
	struct termios raw;

	channel = open(MP_VM_CHANNEL, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (channel < 0 || tcgetattr(channel, &raw)) {
		printf("memperf: cannot open the second serial port, '" MP_VM_CHANNEL "': %s\n",
		       strerror(errno));
		return false;
	}
	cfmakeraw(&raw);
	cfsetspeed(&raw, B115200);
	return !tcsetattr(channel, TCSANOW, &raw);
}

static void load_modules(void)
{
	MP_CLEANUP(mp_str_done) struct mp_str list = MP_STR_INIT;

	mp_str_read_file(&list, MP_VM_MODULES);
	for (char *path = list.text, *rest = NULL; (path = strtok_r(path, "\n", &rest));
	     path = NULL) {
		MP_CLEANUP(mp_close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
		bool plain = !strcmp(path + strlen(path) - 3, ".ko");

		if (syscall(SYS_finit_module, fd, "", plain ? 0 : COMPRESSED_FILE) &&
		    errno != EEXIST)
			note("the kernel does not take the module '%s': %s", strrchr(path, '/') + 1,
			     strerror(errno));
	}
}

/* ---- the command ---- */

/* The words of the command line behind "memperf"; NULL at the end. Never freed. */
static char **read_words(void)
{
	static struct mp_str text = MP_STR_INIT;
	char **words = NULL, **slot;
	size_t n = 0, cap = 0;

	mp_str_read_file(&text, MP_VM_WORDS);
	slot = mp_vec_push((void **)&words, &n, &cap, sizeof(*words));
	if (slot)
		*slot = (char *)"/bin/memperf";
	for (size_t at = 0; slot && at < text.len; at += strlen(text.text + at) + 1) {
		slot = mp_vec_push((void **)&words, &n, &cap, sizeof(*words));
		if (slot)
			*slot = text.text + at;
	}
	slot = slot ? mp_vec_push((void **)&words, &n, &cap, sizeof(*words)) : NULL;
	return slot ? words : NULL;
}

/* What the pipes say goes out, until both are closed. */
static void forward(int output, int error)
{
	struct pollfd pipes[2] = { { output, POLLIN, 0 }, { error, POLLIN, 0 } };
	static char buffer[MP_VM_FRAME_MAX];

	while (pipes[0].fd >= 0 || pipes[1].fd >= 0) {
		if (poll(pipes, 2, -1) < 0 && errno != EINTR)
			return;
		for (int i = 0; i < 2; i++) {
			ssize_t n;

			if (pipes[i].fd < 0 || !pipes[i].revents)
				continue;
			n = read(pipes[i].fd, buffer, sizeof(buffer));
			if (n > 0)
				frame(i ? MP_VM_ERROR : MP_VM_OUTPUT, buffer, (size_t)n);
			else
				pipes[i].fd = -1;
		}
	}
}

/* Its exit code. */
static int run_command(void)
{
	static char *const environment[] = { (char *)"PATH=/bin", (char *)"HOME=/",
					     (char *)"NO_COLOR=1", NULL };
	char **words = read_words();
	struct mp_spawn command = { .argv = (const char *const *)words,
				    .environment = environment };
	int output[2], error[2], status, code;
	pid_t pid, ended;

	if (!words || pipe2(output, O_CLOEXEC) || pipe2(error, O_CLOEXEC))
		return 4;
	command.out = output[1];
	command.err = error[1];
	code = mp_spawn_start(&command, &pid);
	close(output[1]);
	close(error[1]);
	if (code) {
		note("memperf does not start in the guest: %s", strerror(-code));
		return 4;
	}
	forward(output[0], error[0]);
	/* Orphans are process 1's. */
	do
		ended = waitpid(-1, &status, 0);
	while (ended != pid && (ended > 0 || errno == EINTR));
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	note("memperf died in the guest: %s", strsignal(WTERMSIG(status)));
	return 4;
}

/* Where the results file is to be, in folders that are there; "" when there is to be none. */
static const char *make_room(void)
{
	static struct mp_str path = MP_STR_INIT;

	mp_str_read_file(&path, MP_VM_DB);
	for (char *slash = path.text; (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		mkdir(path.text, 0755);
		*slash = '/';
	}
	return path.text;
}

static void send_database(const char *path)
{
	MP_CLEANUP(mp_close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	uint8_t digest[32];
	const char *bytes;

	if (fd < 0 || fstat(fd, &st) || !st.st_size)
		return;
	bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return;
	for (size_t at = 0, left = (size_t)st.st_size; left;) {
		size_t len = left < MP_VM_FRAME_MAX ? left : MP_VM_FRAME_MAX;

		frame(MP_VM_DATABASE, bytes + at, len);
		at += len;
		left -= len;
	}
	mp_sha256(bytes, (size_t)st.st_size, digest);
	frame(MP_VM_HASH, digest, sizeof(digest));
	munmap((void *)bytes, (size_t)st.st_size);
}

void mp_vm_guest(void)
{
	struct utsname kernel;
	const char *db;
	char text[16];
	int code;

	setvbuf(stdout, NULL, _IONBF, 0);
	mount_all();
	if (!open_channel() || uname(&kernel) || chdir("/work"))
		switch_off();
	frame(MP_VM_STARTED, kernel.release, strlen(kernel.release));
	load_modules();
	/* The console is for what goes wrong from here on. */
	klogctl(LOG_LEVEL_SET, NULL, LOG_ERRORS);
	db = make_room();
	code = run_command();
	send_database(db);
	frame(MP_VM_EXIT, text, (size_t)snprintf(text, sizeof(text), "%d", code));
	switch_off();
}
