// SPDX-License-Identifier: GPL-3.0-or-later
// What the module takes for itself is asked for with __GFP_NOWARN (MPK_GFP): without memory it answers -ENOMEM, and the kernel's log
// says nothing. A job's own set has the flag already.
virtual report

@set@
expression list before, after;
identifier f;
position p;
constant C;
@@
f(before,
(
 GFP_KERNEL@p
|
 GFP_ATOMIC@p
|
 GFP_NOWAIT@p
|
 GFP_KERNEL@p | C
)
 , after)

@script:python depends on report@
p << set.p;
@@
coccilib.report.print_report(p[0], "an allocation of the module's own that may warn: MPK_GFP")
