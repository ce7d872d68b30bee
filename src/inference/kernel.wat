;; The static stage's arithmetic, four floats at a time, which the engine does not do of itself. kernel.ts says what
;; each function is for. All lengths count numbers; those of a multiplication are multiples of 16, of a table's row too.
;; Made into kernel-code.ts by `npm run kernel`.
(module
  ;; What one thread reads with: its tokens, sums and layers.
  (import "memory" "own" (memory $own 0))
  ;; The tables of the model, which threads share and nobody writes.
  (import "memory" "tables" (memory $tables 0 65536 shared))

  ;; out[k] = sum over the listed rows of scale * row[k]. Sixteen columns at a time, so that sums stay in registers.
  (func (export "addRows")
    (param $rows i32) (param $scales i32) (param $width i32) (param $list i32) (param $count i32) (param $out i32)
    (local $column i32) (local $at i32) (local $end i32) (local $row i32)
    (local $scale v128) (local $bytes v128) (local $half v128)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local.set $end (i32.add (local.get $list) (i32.shl (local.get $count) (i32.const 2))))
    (loop $columns
      (local.set $a (v128.const i32x4 0 0 0 0))
      (local.set $b (v128.const i32x4 0 0 0 0))
      (local.set $c (v128.const i32x4 0 0 0 0))
      (local.set $d (v128.const i32x4 0 0 0 0))
      (local.set $at (local.get $list))
      (block $done
        (loop $next
          (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
          (local.set $row (i32.load $own (local.get $at)))
          (local.set $scale
            (v128.load32_splat $tables (i32.add (local.get $scales) (i32.shl (local.get $row) (i32.const 2)))))
          (local.set $bytes
            (v128.load $tables
              (i32.add
                (i32.add (local.get $rows) (local.get $column))
                (i32.mul (local.get $row) (local.get $width)))))
          (local.set $half (i16x8.extend_low_i8x16_s (local.get $bytes)))
          (local.set $a
            (f32x4.add
              (local.get $a)
              (f32x4.mul
                (local.get $scale)
                (f32x4.convert_i32x4_s (i32x4.extend_low_i16x8_s (local.get $half))))))
          (local.set $b
            (f32x4.add
              (local.get $b)
              (f32x4.mul
                (local.get $scale)
                (f32x4.convert_i32x4_s (i32x4.extend_high_i16x8_s (local.get $half))))))
          (local.set $half (i16x8.extend_high_i8x16_s (local.get $bytes)))
          (local.set $c
            (f32x4.add
              (local.get $c)
              (f32x4.mul
                (local.get $scale)
                (f32x4.convert_i32x4_s (i32x4.extend_low_i16x8_s (local.get $half))))))
          (local.set $d
            (f32x4.add
              (local.get $d)
              (f32x4.mul
                (local.get $scale)
                (f32x4.convert_i32x4_s (i32x4.extend_high_i16x8_s (local.get $half))))))
          (local.set $at (i32.add (local.get $at) (i32.const 4)))
          (br $next)))
      (v128.store $own (local.get $out) (local.get $a))
      (v128.store $own offset=16 (local.get $out) (local.get $b))
      (v128.store $own offset=32 (local.get $out) (local.get $c))
      (v128.store $own offset=48 (local.get $out) (local.get $d))
      (local.set $out (i32.add (local.get $out) (i32.const 64)))
      (local.set $column (i32.add (local.get $column) (i32.const 16)))
      (br_if $columns (i32.lt_u (local.get $column) (local.get $width)))))

  ;; out = weight * (x - mean) / deviation + bias, where x is `from` times `scale`; weight and bias are tables.
  (func (export "normalise")
    (param $from i32) (param $width i32) (param $scale f32) (param $weight i32) (param $bias i32) (param $out i32)
    (local $at i32) (local $end i32) (local $mean f32) (local $x v128) (local $sum v128) (local $deviation v128)
    (local.set $end (i32.shl (local.get $width) (i32.const 2)))
    (loop $next
      (local.set $sum
        (f32x4.add (local.get $sum) (v128.load $own (i32.add (local.get $from) (local.get $at)))))
      (br_if $next
        (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end))))
    (local.set $mean
      (f32.div (call $total (local.get $sum)) (f32.convert_i32_u (local.get $width))))
    (local.set $sum (v128.const i32x4 0 0 0 0))
    (local.set $at (i32.const 0))
    (loop $next
      (local.set $x
        (f32x4.mul
          (f32x4.sub
            (v128.load $own (i32.add (local.get $from) (local.get $at)))
            (f32x4.splat (local.get $mean)))
          (f32x4.splat (local.get $scale))))
      (local.set $sum (f32x4.add (local.get $sum) (f32x4.mul (local.get $x) (local.get $x))))
      (v128.store $own (i32.add (local.get $out) (local.get $at)) (local.get $x))
      (br_if $next
        (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end))))
    (local.set $deviation
      (f32x4.splat
        (f32.sqrt
          (f32.add
            (f32.div (call $total (local.get $sum)) (f32.convert_i32_u (local.get $width)))
            (f32.const 1e-5)))))
    (local.set $at (i32.const 0))
    (loop $next
      (v128.store $own
        (i32.add (local.get $out) (local.get $at))
        (f32x4.add
          (f32x4.mul
            (f32x4.div
              (v128.load $own (i32.add (local.get $out) (local.get $at)))
              (local.get $deviation))
            (v128.load $tables (i32.add (local.get $weight) (local.get $at))))
          (v128.load $tables (i32.add (local.get $bias) (local.get $at)))))
      (br_if $next
        (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end)))))

  ;; One input: out[row] = bias[row] + weight[row] * input. Only the weight is a table.
  (func (export "multiply")
    (param $weight i32) (param $bias i32) (param $inputs i32) (param $outputs i32) (param $input i32) (param $out i32)
    (local $at i32) (local $bytes i32) (local $end i32)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local.set $bytes (i32.shl (local.get $inputs) (i32.const 2)))
    (local.set $end (i32.add (local.get $out) (i32.shl (local.get $outputs) (i32.const 2))))
    (loop $rows
      (local.set $a (v128.const i32x4 0 0 0 0))
      (local.set $b (v128.const i32x4 0 0 0 0))
      (local.set $c (v128.const i32x4 0 0 0 0))
      (local.set $d (v128.const i32x4 0 0 0 0))
      (local.set $at (i32.const 0))
      (loop $next
        (local.set $a
          (f32x4.add
            (local.get $a)
            (f32x4.mul
              (v128.load $tables (i32.add (local.get $weight) (local.get $at)))
              (v128.load $own (i32.add (local.get $input) (local.get $at))))))
        (local.set $b
          (f32x4.add
            (local.get $b)
            (f32x4.mul
              (v128.load $tables offset=16 (i32.add (local.get $weight) (local.get $at)))
              (v128.load $own offset=16 (i32.add (local.get $input) (local.get $at))))))
        (local.set $c
          (f32x4.add
            (local.get $c)
            (f32x4.mul
              (v128.load $tables offset=32 (i32.add (local.get $weight) (local.get $at)))
              (v128.load $own offset=32 (i32.add (local.get $input) (local.get $at))))))
        (local.set $d
          (f32x4.add
            (local.get $d)
            (f32x4.mul
              (v128.load $tables offset=48 (i32.add (local.get $weight) (local.get $at)))
              (v128.load $own offset=48 (i32.add (local.get $input) (local.get $at))))))
        (br_if $next
          (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 64))) (local.get $bytes))))
      (f32.store $own
        (local.get $out)
        (f32.add
          (f32.load $own (local.get $bias))
          (call $total
            (f32x4.add
              (f32x4.add (local.get $a) (local.get $b))
              (f32x4.add (local.get $c) (local.get $d))))))
      (local.set $weight (i32.add (local.get $weight) (local.get $bytes)))
      (local.set $bias (i32.add (local.get $bias) (i32.const 4)))
      (br_if $rows
        (i32.lt_u (local.tee $out (i32.add (local.get $out) (i32.const 4))) (local.get $end)))))

  ;; The same for four inputs, one behind the other: weights are read once for all of them.
  (func (export "multiplyFour")
    (param $weight i32) (param $bias i32) (param $inputs i32) (param $outputs i32) (param $input i32) (param $out i32)
    (local $at i32) (local $bytes i32) (local $skip i32) (local $end i32) (local $w v128)
    (local $first i32) (local $second i32) (local $third i32) (local $fourth i32)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local $e v128) (local $f v128) (local $g v128) (local $h v128)
    (local.set $bytes (i32.shl (local.get $inputs) (i32.const 2)))
    (local.set $skip (i32.shl (local.get $outputs) (i32.const 2)))
    (local.set $end (i32.add (local.get $out) (local.get $skip)))
    (loop $rows
      (local.set $a (v128.const i32x4 0 0 0 0))
      (local.set $b (v128.const i32x4 0 0 0 0))
      (local.set $c (v128.const i32x4 0 0 0 0))
      (local.set $d (v128.const i32x4 0 0 0 0))
      (local.set $e (v128.const i32x4 0 0 0 0))
      (local.set $f (v128.const i32x4 0 0 0 0))
      (local.set $g (v128.const i32x4 0 0 0 0))
      (local.set $h (v128.const i32x4 0 0 0 0))
      (local.set $at (i32.const 0))
      (loop $next
        (local.set $first (i32.add (local.get $input) (local.get $at)))
        (local.set $second (i32.add (local.get $first) (local.get $bytes)))
        (local.set $third (i32.add (local.get $second) (local.get $bytes)))
        (local.set $fourth (i32.add (local.get $third) (local.get $bytes)))
        (local.set $w (v128.load $tables (i32.add (local.get $weight) (local.get $at))))
        (local.set $a
          (f32x4.add (local.get $a) (f32x4.mul (local.get $w) (v128.load $own (local.get $first)))))
        (local.set $b
          (f32x4.add (local.get $b) (f32x4.mul (local.get $w) (v128.load $own (local.get $second)))))
        (local.set $c
          (f32x4.add (local.get $c) (f32x4.mul (local.get $w) (v128.load $own (local.get $third)))))
        (local.set $d
          (f32x4.add (local.get $d) (f32x4.mul (local.get $w) (v128.load $own (local.get $fourth)))))
        (local.set $w (v128.load $tables offset=16 (i32.add (local.get $weight) (local.get $at))))
        (local.set $e
          (f32x4.add (local.get $e) (f32x4.mul (local.get $w) (v128.load $own offset=16 (local.get $first)))))
        (local.set $f
          (f32x4.add (local.get $f) (f32x4.mul (local.get $w) (v128.load $own offset=16 (local.get $second)))))
        (local.set $g
          (f32x4.add (local.get $g) (f32x4.mul (local.get $w) (v128.load $own offset=16 (local.get $third)))))
        (local.set $h
          (f32x4.add (local.get $h) (f32x4.mul (local.get $w) (v128.load $own offset=16 (local.get $fourth)))))
        (br_if $next
          (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 32))) (local.get $bytes))))
      (local.set $at (local.get $out))
      (call $put (local.get $at) (local.get $bias) (f32x4.add (local.get $a) (local.get $e)))
      (local.set $at (i32.add (local.get $at) (local.get $skip)))
      (call $put (local.get $at) (local.get $bias) (f32x4.add (local.get $b) (local.get $f)))
      (local.set $at (i32.add (local.get $at) (local.get $skip)))
      (call $put (local.get $at) (local.get $bias) (f32x4.add (local.get $c) (local.get $g)))
      (local.set $at (i32.add (local.get $at) (local.get $skip)))
      (call $put (local.get $at) (local.get $bias) (f32x4.add (local.get $d) (local.get $h)))
      (local.set $weight (i32.add (local.get $weight) (local.get $bytes)))
      (local.set $bias (i32.add (local.get $bias) (i32.const 4)))
      (br_if $rows
        (i32.lt_u (local.tee $out (i32.add (local.get $out) (i32.const 4))) (local.get $end)))))

  ;; x = gelu(x) = max(x, 0) - |x| / 2 * erfc(z), z = |x| / sqrt 2. By Abramowitz and Stegun 7.1.26, which is off by
  ;; 1.5e-7 at most: erfc(z) = exp(-z^2) * t * (a1 + t * (a2 + ...)), t = 1 / (1 + 0.3275911 * z).
  (func (export "gelu") (param $at i32) (param $count i32)
    (local $end i32) (local $x v128) (local $z v128) (local $t v128) (local $p v128)
    (local.set $end (i32.add (local.get $at) (i32.shl (local.get $count) (i32.const 2))))
    (loop $next
      (local.set $x (v128.load $own (local.get $at)))
      (local.set $z (f32x4.mul (f32x4.abs (local.get $x)) (v128.const f32x4 0.70710678 0.70710678 0.70710678 0.70710678)))
      (local.set $t
        (f32x4.div
          (v128.const f32x4 1 1 1 1)
          (f32x4.add (v128.const f32x4 1 1 1 1) (f32x4.mul (local.get $z) (v128.const f32x4 0.3275911 0.3275911 0.3275911 0.3275911)))))
      (local.set $p (v128.const f32x4 1.061405429 1.061405429 1.061405429 1.061405429))
      (local.set $p (f32x4.add (v128.const f32x4 -1.453152027 -1.453152027 -1.453152027 -1.453152027) (f32x4.mul (local.get $t) (local.get $p))))
      (local.set $p (f32x4.add (v128.const f32x4 1.421413741 1.421413741 1.421413741 1.421413741) (f32x4.mul (local.get $t) (local.get $p))))
      (local.set $p (f32x4.add (v128.const f32x4 -0.284496736 -0.284496736 -0.284496736 -0.284496736) (f32x4.mul (local.get $t) (local.get $p))))
      (local.set $p (f32x4.add (v128.const f32x4 0.254829592 0.254829592 0.254829592 0.254829592) (f32x4.mul (local.get $t) (local.get $p))))
      (local.set $p (f32x4.mul (f32x4.mul (local.get $t) (local.get $p)) (f32x4.mul (f32x4.abs (local.get $x)) (v128.const f32x4 0.5 0.5 0.5 0.5))))
      (local.set $p (f32x4.mul (local.get $p) (call $exp (f32x4.neg (f32x4.mul (local.get $z) (local.get $z))))))
      (v128.store $own (local.get $at) (f32x4.sub (f32x4.max (local.get $x) (v128.const f32x4 0 0 0 0)) (local.get $p)))
      (br_if $next
        (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end)))))

  ;; exp(y) for y <= 0: 2^n * exp(r), where |r| is at most half of ln 2 and its series is cut after the sixth power.
  (func $exp (param $y v128) (result v128)
    (local $n v128) (local $r v128) (local $p v128)
    (local.set $y (f32x4.max (local.get $y) (v128.const f32x4 -87 -87 -87 -87)))
    (local.set $n (f32x4.nearest (f32x4.mul (local.get $y) (v128.const f32x4 1.44269504 1.44269504 1.44269504 1.44269504))))
    ;; ln 2 in two parts, the first of which has few enough bits for an exact product.
    (local.set $r (f32x4.sub (local.get $y) (f32x4.mul (local.get $n) (v128.const f32x4 0.693359375 0.693359375 0.693359375 0.693359375))))
    (local.set $r (f32x4.add (local.get $r) (f32x4.mul (local.get $n) (v128.const f32x4 2.12194440e-4 2.12194440e-4 2.12194440e-4 2.12194440e-4))))
    (local.set $p (v128.const f32x4 0.0013888889 0.0013888889 0.0013888889 0.0013888889))
    (local.set $p (f32x4.add (v128.const f32x4 0.0083333333 0.0083333333 0.0083333333 0.0083333333) (f32x4.mul (local.get $r) (local.get $p))))
    (local.set $p (f32x4.add (v128.const f32x4 0.041666667 0.041666667 0.041666667 0.041666667) (f32x4.mul (local.get $r) (local.get $p))))
    (local.set $p (f32x4.add (v128.const f32x4 0.16666667 0.16666667 0.16666667 0.16666667) (f32x4.mul (local.get $r) (local.get $p))))
    (local.set $p (f32x4.add (v128.const f32x4 0.5 0.5 0.5 0.5) (f32x4.mul (local.get $r) (local.get $p))))
    (local.set $p (f32x4.add (v128.const f32x4 1 1 1 1) (f32x4.mul (local.get $r) (local.get $p))))
    (local.set $p (f32x4.add (v128.const f32x4 1 1 1 1) (f32x4.mul (local.get $r) (local.get $p))))
    (f32x4.mul
      (local.get $p)
      (i32x4.shl
        (i32x4.add (i32x4.trunc_sat_f32x4_s (local.get $n)) (v128.const i32x4 127 127 127 127))
        (i32.const 23))))

  (func $put (param $at i32) (param $bias i32) (param $sums v128)
    (f32.store $own (local.get $at) (f32.add (f32.load $own (local.get $bias)) (call $total (local.get $sums)))))

  (func $total (param $x v128) (result f32)
    (f32.add
      (f32.add (f32x4.extract_lane 0 (local.get $x)) (f32x4.extract_lane 1 (local.get $x)))
      (f32.add (f32x4.extract_lane 2 (local.get $x)) (f32x4.extract_lane 3 (local.get $x))))))
