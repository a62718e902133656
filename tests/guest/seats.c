/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * seats SIZE: where the workers of memperf are and where their pages are, asked of the kernel by somebody else. Runs until
 * SIGTERM; looks at every memperf-worker over and over, from outside:
 *
 *	team LIST..			affinity of its threads in the order of their numbers (sched_getaffinity(2)),
 *					once every thread had a single CPU
 *	pages LIST POLICY N=P..		affinity, policy of the writable mapping of SIZE bytes (/proc/PID/numa_maps), and on
 *					which nodes its resident pages were (move_pages(2)), all looks together
 *
 * Every different line once, at the end. No code of memperf's is in it.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NODES 8
#define LINES 256

static volatile sig_atomic_t ended;

struct line {
	char text[160];
	unsigned long pages[NODES];
	int is_pages;
};

static struct line lines[LINES];
static unsigned n_lines;

static void on_term(int number)
{
	(void)number;
	ended = 1;
}

static struct line *line_of(const char *text)
{
	for (unsigned i = 0; i < n_lines; i++)
		if (!strcmp(lines[i].text, text))
			return &lines[i];
	if (n_lines == LINES)
		exit(1);
	snprintf(lines[n_lines].text, sizeof(lines[0].text), "%s", text);
	return &lines[n_lines++];
}

/* The CPU of a thread that may use one only, else -1. */
static int only_cpu(pid_t tid)
{
	cpu_set_t set;
	int cpu = -1;

	if (sched_getaffinity(tid, sizeof(set), &set) || CPU_COUNT(&set) != 1)
		return -1;
	while (!CPU_ISSET(++cpu, &set))
		;
	return cpu;
}

static int by_number(const void *left, const void *right)
{
	return *(const int *)left - *(const int *)right;
}

/* Its threads' CPUs; -1 while one of them is not bound. The first one's in *ret_first. */
static int look_at_team(int pid, int *ret_first)
{
	char path[64], text[160] = "team";
	struct dirent *entry;
	int tids[64], n = 0;
	DIR *tasks;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	tasks = opendir(path);
	if (!tasks)
		return -1;
	while (n < 64 && (entry = readdir(tasks)))
		if (isdigit((unsigned char)entry->d_name[0]))
			tids[n++] = atoi(entry->d_name);
	closedir(tasks);
	if (!n)
		return -1;
	qsort(tids, (size_t)n, sizeof(*tids), by_number);
	for (int i = 0; i < n; i++) {
		int cpu = only_cpu(tids[i]);

		if (cpu < 0)
			return -1;
		if (!i)
			*ret_first = cpu;
		snprintf(text + strlen(text), sizeof(text) - strlen(text), " %d", cpu);
	}
	line_of(text);
	return 0;
}

/* The start of the writable mapping of that size, 0: none. */
static unsigned long find_mapping(int pid, unsigned long size)
{
	unsigned long from, to, found = 0;
	char path[64], text[512], mode[8];
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	maps = fopen(path, "r");
	while (maps && !found && fgets(text, sizeof(text), maps))
		if (sscanf(text, "%lx-%lx %7s", &from, &to, mode) == 3 && to - from == size &&
		    mode[1] == 'w')
			found = from;
	if (maps)
		fclose(maps);
	return found;
}

static int policy_of(int pid, unsigned long start, char policy[64])
{
	char path[64], text[1024];
	unsigned long at;
	int found = -1;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/numa_maps", pid);
	maps = fopen(path, "r");
	while (maps && found && fgets(text, sizeof(text), maps))
		if (sscanf(text, "%lx %63[^\n]", &at, policy) == 2 && at == start)
			found = 0;
	if (maps)
		fclose(maps);
	/* "prefer (many):1" has a blank in it; what follows the policy has a '=' in it, or is a word of its own. */
	for (char *word = policy; !found && (word = strchr(word, ' ')); word++)
		if (strncmp(word, " (many)", 7)) {
			*word = '\0';
			break;
		}
	return found;
}

static void look_at_pages(int pid, int cpu, unsigned long size)
{
	static void *pages[16384];
	static int nodes[16384];
	unsigned long n = size / 4096 < 16384 ? size / 4096 : 16384,
		      start = find_mapping(pid, size);
	unsigned long on[NODES] = { 0 }, found = 0;
	char policy[64], after[64], text[160];
	struct line *line;

	if (!start || policy_of(pid, start, policy))
		return;
	for (unsigned long i = 0; i < n; i++)
		pages[i] = (void *)(start + i * 4096);
	if (syscall(SYS_move_pages, pid, n, pages, NULL, nodes, 0) < 0)
		return;
	for (unsigned long i = 0; i < n; i++)
		if (nodes[i] >= 0 && nodes[i] < NODES) {
			on[nodes[i]]++;
			found++;
		}
	/* The mapping was the same one all the while. */
	if (!found || find_mapping(pid, size) != start || policy_of(pid, start, after) ||
	    strcmp(policy, after) || only_cpu(pid) != cpu)
		return;
	snprintf(text, sizeof(text), "pages %d %s", cpu, policy);
	line = line_of(text);
	line->is_pages = 1;
	for (int i = 0; i < NODES; i++)
		line->pages[i] += on[i];
}

static int is_worker(const char *pid)
{
	char path[300], name[32] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	file = fopen(path, "r");
	if (file) {
		if (!fgets(name, sizeof(name), file))
			name[0] = '\0';
		fclose(file);
	}
	return !strncmp(name, "memperf-worker", 14);
}

int main(int argc, char **argv)
{
	unsigned long size = argc > 1 ? strtoul(argv[1], NULL, 0) : 0;

	signal(SIGTERM, on_term);
	while (!ended) {
		struct dirent *entry;
		DIR *proc = opendir("/proc");
		int cpu;

		while (proc && (entry = readdir(proc)))
			/* Workers are younger; the many older ones need no look. */
			if (atoi(entry->d_name) > getpid() && is_worker(entry->d_name) &&
			    !look_at_team(atoi(entry->d_name), &cpu) && size)
				look_at_pages(atoi(entry->d_name), cpu, size);
		if (proc)
			closedir(proc);
		usleep(1000);
	}
	for (unsigned i = 0; i < n_lines; i++) {
		printf("%s", lines[i].text);
		for (int node = 0; lines[i].is_pages && node < NODES; node++)
			if (lines[i].pages[node])
				printf(" %d=%lu", node, lines[i].pages[node]);
		printf("\n");
	}
	return 0;
}
