/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Did the machine itself move between the two sides? The speed probes see the core, not the memory behind its caches, whose
 * latency changes with what the neighbours of a shared machine do: over eight runs of one build in 20 minutes it moved by
 * 26 %, and with it faults on 64 MiB by 11 to 52 %, while an mmap of one page stayed within 0.8 %.
 *
 * The control is the floor of one dependent load from the largest buffer: no memory management is in it, so that between
 * runs of one machine a change of it is the machine's. A case follows it at most by its elasticity, and that is at most the
 * ratio of their deviations, because memory moves inside a run as well: what makes the control scatter makes the case
 * scatter. So the shift of the control, times that ratio, is how much of the case's change may be the
 * machine's; less than that is not called. The far end of the interval and half as much again allow for what ten values
 * know of a scatter: of 1,794 pairs of 13 runs with nothing changed 3 were called (2 at twice as much, 4 at no allowance; 4 %
 * without a control), of planted changes of 5 % above their floor 96 of 104 (81 at twice as much).
 *
 * The other control is the core, by a loop that touches no memory: a lower frequency takes from everything at once. What it explains goes
 * one way, that of its own shift, and a case follows it as it is: of 12 runs of one build one had a loop slower by 4.7 %, and eight of its
 * cases with it by 4.8 to 8.7 %, 14 of the 15 pairs of those runs that were called.
 *
 * A floor that a run was asked to slow down is no control: what was planted there is nobody's memory.
 */
#include "report/compare/internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/units.h"

#define CORE	      "floor.loop"
#define MEMORY	      "floor.access/size="
#define BEYOND	      (4u << 20) /* bytes: more than the caches of one core */
#define SAFETY	      1.5
#define WORTH_NOTE    0.02
#define DEVIATION_MIN 0.005 /* of logs: a control that is steadier tells no more */

/* Was the case slowed on purpose? "spin=5%" means every case, "spin=5%@GLOB" the benchmarks or cases of that name. */
static bool slowed(const struct mp_side *side, const struct mp_side_case *kase)
{
	const struct mp_side_run *run = &side->runs[kase->run];
	const char *at = run->slowed ? strchr(run->sabotage, '@') : NULL;

	return run->slowed &&
	       (!at || mp_str_glob(at + 1, kase->row->bench) || mp_str_glob(at + 1, kase->text));
}

bool mp_control_may_be(const char *text)
{
	return !strcmp(text, CORE) || !strncmp(text, MEMORY, strlen(MEMORY));
}

double mp_control_shift(const struct mp_control *control)
{
	return isnan(control->low) ? NAN : fmax(fabs(control->low), fabs(control->high));
}

static void take(struct mp_control *control, const struct mp_side_case *a,
		 const struct mp_side_case *b, uint64_t bytes)
{
	*control = (struct mp_control){ .text = a->text, .bytes = bytes, .of_a = a, .of_b = b };
}

void mp_control_offer(struct mp_comparison *c, const struct mp_side_case *a,
		      const struct mp_side_case *b)
{
	struct mp_control *memory = &c->controls[MP_CONTROL_MEMORY];
	uint64_t bytes;

	if (slowed(c->a, a) || slowed(c->b, b))
		return;
	if (!strcmp(a->text, CORE))
		take(&c->controls[MP_CONTROL_CORE], a, b, 0);
	else if (!strncmp(a->text, MEMORY, strlen(MEMORY)) &&
		 !mp_size_parse(a->text + strlen(MEMORY), &bytes) && bytes >= BEYOND &&
		 bytes > memory->bytes)
		take(memory, a, b, bytes);
}

/* A shift that is not the chance of ten values is said. */
static int note(struct mp_comparison *c, const struct mp_control *control,
		const struct mp_change *at)
{
	bool slower = at->low > 1;

	if ((!slower && at->high >= 1) || fabs(at->ratio - 1) < WORTH_NOTE)
		return 0;
	return mp_compare_note(
		c,
		"the machine's %s was %.2g %% %s in B (%s, between %.2g and %.2g %%); "
		"changes that this may explain are unsure",
		control == &c->controls[MP_CONTROL_CORE] ? "core" : "memory",
		fabs(at->ratio - 1) * 100, slower ? "slower" : "faster", control->text,
		fabs((slower ? at->low : at->high) - 1) * 100,
		fabs((slower ? at->high : at->low) - 1) * 100);
}

static int measure(struct mp_comparison *c, struct mp_control *control)
{
	struct mp_compare_work work = { 0 };
	struct mp_pair pair;
	int rc;

	control->low = control->high = NAN;
	if (!control->text || !c->same_machine || c->shared_run)
		return 0;
	rc = mp_pair_init(c, control->of_a, control->of_b, &pair);
	if (!rc && !pair.reason)
		rc = mp_change_test(&work, c, &pair, &pair.location);
	if (!rc && !pair.reason && pair.location.tested) {
		control->ratio = pair.location.ratio;
		control->deviation = fmax(pair.location.deviation, DEVIATION_MIN);
		control->low = log(pair.location.low);
		control->high = log(pair.location.high);
		rc = note(c, control, &pair.location);
	}
	free(pair.reason);
	free(pair.tail.changes);
	free(pair.shape.changes);
	mp_compare_work_done(&work);
	return rc;
}

int mp_control_measure(struct mp_comparison *c)
{
	int rc = 0;

	for (int i = 0; !rc && i < MP_CONTROL_COUNT; i++)
		rc = measure(c, &c->controls[i]);
	return rc;
}

double mp_control_reach(const struct mp_comparison *c, const struct mp_change *change)
{
	const struct mp_control *core = &c->controls[MP_CONTROL_CORE];
	const struct mp_control *memory = &c->controls[MP_CONTROL_MEMORY];
	double reach = 0;

	if (!change->tested)
		return 0;
	if (!isnan(memory->low))
		reach = mp_control_shift(memory) * change->deviation / memory->deviation;
	if (!isnan(core->low))
		reach = fmax(reach, change->ratio > 1 ? core->high : -core->low);
	return expm1(SAFETY * reach);
}
