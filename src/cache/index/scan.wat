;; Looking through many short vectors for those most like one, which the engine does not do quickly of itself. scan.ts
;; says what each function is for. Slots count rows; all other lengths count bytes, of which a signature has a multiple
;; of 32 and a vector too.
;; Made into scan-code.ts by `npm run kernel`.
(module
  ;; What one search works with: slots, the query, what was found.
  (import "memory" "own" (memory $own 0))
  ;; A row of bits for each slot.
  (import "memory" "signatures" (memory $signatures 0))
  ;; A row of 16-bit numbers for each slot.
  (import "memory" "vectors" (memory $vectors 0))

  ;; out[i] = bits in which the signature of slot list[i] differs from the query's; counts[out[i]] += 1.
  (func (export "distances")
    (param $list i32) (param $count i32) (param $width i32) (param $query i32) (param $out i32) (param $counts i32)
    (local $end i32) (local $row i32) (local $at i32) (local $distance i32)
    (local.set $end (i32.add (local.get $list) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $list) (local.get $end)))
        (local.set $row (i32.mul (i32.load $own (local.get $list)) (local.get $width)))
        (local.set $distance (i32.const 0))
        (local.set $at (i32.const 0))
        (loop $words
          (local.set $distance
            (i32.add
              (local.get $distance)
              (i32.wrap_i64
                (i64.add
                  (i64.add
                    (i64.popcnt
                      (i64.xor
                        (i64.load $signatures (i32.add (local.get $row) (local.get $at)))
                        (i64.load $own (i32.add (local.get $query) (local.get $at)))))
                    (i64.popcnt
                      (i64.xor
                        (i64.load $signatures offset=8 (i32.add (local.get $row) (local.get $at)))
                        (i64.load $own offset=8 (i32.add (local.get $query) (local.get $at))))))
                  (i64.add
                    (i64.popcnt
                      (i64.xor
                        (i64.load $signatures offset=16 (i32.add (local.get $row) (local.get $at)))
                        (i64.load $own offset=16 (i32.add (local.get $query) (local.get $at)))))
                    (i64.popcnt
                      (i64.xor
                        (i64.load $signatures offset=24 (i32.add (local.get $row) (local.get $at)))
                        (i64.load $own offset=24 (i32.add (local.get $query) (local.get $at))))))))))
          (br_if $words
            (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 32))) (local.get $width))))
        (i32.store16 $own (local.get $out) (local.get $distance))
        (local.set $at (i32.add (local.get $counts) (i32.shl (local.get $distance) (i32.const 2))))
        (i32.store $own (local.get $at) (i32.add (i32.load $own (local.get $at)) (i32.const 1)))
        (local.set $list (i32.add (local.get $list) (i32.const 4)))
        (local.set $out (i32.add (local.get $out) (i32.const 2)))
        (br $next))))

  ;; The slots of the list that are nearer than the radius, and the first `quota` of those that lie on it.
  ;; Returns how many went to `out`.
  (func (export "within")
    (param $list i32) (param $count i32) (param $distances i32) (param $radius i32) (param $quota i32) (param $out i32)
    (result i32)
    (local $end i32) (local $distance i32) (local $start i32)
    (local.set $start (local.get $out))
    (local.set $end (i32.add (local.get $list) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $list) (local.get $end)))
        (local.set $distance (i32.load16_u $own (local.get $distances)))
        (block $skip
          (br_if $skip (i32.gt_u (local.get $distance) (local.get $radius)))
          (if (i32.eq (local.get $distance) (local.get $radius))
            (then
              (br_if $skip (i32.eqz (local.get $quota)))
              (local.set $quota (i32.sub (local.get $quota) (i32.const 1)))))
          (i32.store $own (local.get $out) (i32.load $own (local.get $list)))
          (local.set $out (i32.add (local.get $out) (i32.const 4))))
        (local.set $list (i32.add (local.get $list) (i32.const 4)))
        (local.set $distances (i32.add (local.get $distances) (i32.const 2)))
        (br $next)))
    (i32.shr_u (i32.sub (local.get $out) (local.get $start)) (i32.const 2)))

  ;; out[i] = inner product of the query and the vector of slot list[i].
  (func (export "products")
    (param $list i32) (param $count i32) (param $width i32) (param $query i32) (param $out i32)
    (local $end i32) (local $row i32) (local $at i32) (local $a v128) (local $b v128)
    (local.set $end (i32.add (local.get $list) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $list) (local.get $end)))
        (local.set $row (i32.mul (i32.load $own (local.get $list)) (local.get $width)))
        (local.set $a (v128.const i32x4 0 0 0 0))
        (local.set $b (v128.const i32x4 0 0 0 0))
        (local.set $at (i32.const 0))
        (loop $numbers
          (local.set $a
            (i32x4.add
              (local.get $a)
              (i32x4.dot_i16x8_s
                (v128.load $vectors (i32.add (local.get $row) (local.get $at)))
                (v128.load $own (i32.add (local.get $query) (local.get $at))))))
          (local.set $b
            (i32x4.add
              (local.get $b)
              (i32x4.dot_i16x8_s
                (v128.load $vectors offset=16 (i32.add (local.get $row) (local.get $at)))
                (v128.load $own offset=16 (i32.add (local.get $query) (local.get $at))))))
          (br_if $numbers
            (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 32))) (local.get $width))))
        (local.set $a (i32x4.add (local.get $a) (local.get $b)))
        (i32.store $own
          (local.get $out)
          (i32.add
            (i32.add (i32x4.extract_lane 0 (local.get $a)) (i32x4.extract_lane 1 (local.get $a)))
            (i32.add (i32x4.extract_lane 2 (local.get $a)) (i32x4.extract_lane 3 (local.get $a)))))
        (local.set $list (i32.add (local.get $list) (i32.const 4)))
        (local.set $out (i32.add (local.get $out) (i32.const 4)))
        (br $next)))))
