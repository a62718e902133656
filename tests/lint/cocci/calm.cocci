// SPDX-License-Identifier: GPL-3.0-or-later
// Nothing that a caller asks for may stop or stain the kernel: what cannot be is an error number.
virtual report

@stop@
position p;
@@
(
BUG@p(...)
|
BUG_ON@p(...)
|
WARN@p(...)
|
WARN_ON@p(...)
|
WARN_ONCE@p(...)
|
WARN_ON_ONCE@p(...)
|
panic@p(...)
)

@script:python depends on report@
p << stop.p;
@@
coccilib.report.print_report(p[0], "the module never stops or warns: return an error")
