// SPDX-License-Identifier: GPL-3.0-or-later
// What a context turns off around a shot is on again on every way out.
virtual report

@bh exists@
position p;
@@
local_bh_disable@p();
... when != local_bh_enable();
return ...;

@irq exists@
position p;
expression flags;
@@
local_irq_save@p(flags);
... when != local_irq_restore(flags);
return ...;

@script:python depends on report@
p << bh.p;
@@
coccilib.report.print_report(p[0], "softirqs stay off")

@script:python depends on report@
p << irq.p;
@@
coccilib.report.print_report(p[0], "interrupts stay off")
