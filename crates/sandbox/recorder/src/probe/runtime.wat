  ;; A line of the log is put together from 1024 on, and $at is its end.
  (global $at (mut i32) (i32.const 1024))
  (global $last (mut i32) (i32.const 0))
  (global $zero (mut i32) (i32.const 0))

  (func $bump (param $size i32) (result i32)
    (local $begin i32)
    (local.set $begin (global.get $heap))
    (global.set $heap (i32.and (i32.add (i32.add (global.get $heap) (local.get $size)) (i32.const 7)) (i32.const -8)))
    (block $enough
      (br_if $enough (i32.le_u (global.get $heap) (i32.mul (memory.size) (i32.const 65536))))
      (drop (memory.grow (i32.add (i32.div_u (local.get $size) (i32.const 65536)) (i32.const 2)))))
    (local.get $begin))

  (func $deep (call $deep) (call $deep))

  (func $byte (param $byte i32)
    (if (i32.lt_u (global.get $at) (i32.const 8000)) (then
      (i32.store8 (global.get $at) (local.get $byte))
      (global.set $at (i32.add (global.get $at) (i32.const 1))))))

  ;; Bytes that are no text become others.
  (func $copy (param $from i32) (param $size i32)
    (local $byte i32)
    (local $left i32)
    (local.set $left (select (i32.const 1500) (local.get $size) (i32.gt_u (local.get $size) (i32.const 1500))))
    (block $done (loop $next
      (br_if $done (i32.eqz (local.get $left)))
      (local.set $byte (i32.load8_u (local.get $from)))
      (if (i32.lt_u (local.get $byte) (i32.const 32)) (then
        (local.set $byte (select (i32.const 124) (i32.const 35) (i32.eqz (local.get $byte))))))
      (if (i32.gt_u (local.get $byte) (i32.const 126)) (then (local.set $byte (i32.const 126))))
      (call $byte (local.get $byte))
      (local.set $from (i32.add (local.get $from) (i32.const 1)))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br $next))))

  (func $number (param $value i64)
    (if (i64.ge_u (local.get $value) (i64.const 10)) (then
      (call $number (i64.div_u (local.get $value) (i64.const 10)))))
    (call $byte (i32.add (i32.const 48) (i32.wrap_i64 (i64.rem_u (local.get $value) (i64.const 10))))))

  (func $begin (param $name i32) (param $size i32) (param $status i32)
    (global.set $at (i32.const 1024))
    (call $copy (local.get $name) (local.get $size))
    (call $byte (i32.const 61))
    (call $number (i64.extend_i32_u (local.get $status))))

  (func $out32 (param $place i32) (param $shown i32)
    (call $byte (i32.const 32))
    (global.set $last (i32.load (local.get $place)))
    (call $out (i64.extend_i32_u (i32.load (local.get $place))) (local.get $shown)))

  (func $out64 (param $place i32) (param $shown i32)
    (call $byte (i32.const 32))
    (call $out (i64.load (local.get $place)) (local.get $shown)))

  (func $out (param $value i64) (param $shown i32)
    (if (i64.eq (local.get $value) (i64.const 77))
      (then (call $byte (i32.const 45)))
      (else (if (local.get $shown)
        (then (call $number (local.get $value)))
        (else (call $byte (i32.const 43)))))))

  ;; A size, and the bytes that are there.
  (func $bytes (param $place i32) (param $shown i32)
    (local $from i32)
    (local $size i32)
    (local.set $from (i32.load (local.get $place)))
    (local.set $size (i32.load (i32.add (local.get $place) (i32.const 8))))
    (call $byte (i32.const 32))
    (if (i32.eq (local.get $from) (i32.const 77)) (then (call $byte (i32.const 45)) (return)))
    (if (i32.eqz (local.get $shown)) (then (call $byte (i32.const 43)) (return)))
    (call $number (i64.extend_i32_u (local.get $size)))
    (call $byte (i32.const 58))
    (call $copy (local.get $from) (local.get $size)))

  (func $end
    (drop (call $env.proxy_log (i32.const 2) (i32.const 1024) (i32.sub (global.get $at) (i32.const 1024)))))
