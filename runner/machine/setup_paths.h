/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paths of what a run sets up: the table of things and the needs name the same ones. */
#ifndef RUNNER_MACHINE_SETUP_PATHS_H
#define RUNNER_MACHINE_SETUP_PATHS_H

#include "benchmarks/support/backing.h"

#define MP_SETUP_HUGEPAGES	  "/sys/kernel/mm/hugepages"
#define MP_SETUP_THP		  "/sys/kernel/mm/transparent_hugepage"
#define MP_SETUP_OVERCOMMIT	  "/proc/sys/vm/overcommit_memory"
#define MP_SETUP_OVERCOMMIT_RATIO "/proc/sys/vm/overcommit_ratio"

/* Mount points, below a folder of root's: a tmpfs that holds the image, and the file system in that image. */
#define MP_SETUP_FOLDER "/run/memperf"
#define MP_SETUP_RAM	MP_SETUP_FOLDER "/ram"
#define MP_SETUP_DISK	MP_BACKING_RAMDISK_FOLDER

#endif
