"""Which tests prove each of the 54 faults that the engine must survive; `file::test` from the root."""

ENGINE, JOURNEY, OPERATIONS = "tests/engine", "tests/journey", "tests/operations"
THROTTLES, SIMULATION, SIGNER = "tests/throttles", "tests/simulation", "tests/signer"
DEATH = "tests/faults/test_sender_death.py::test_fault"
GATEWAYS = "tests/faults/test_gateways.py::test_fault"
INBOUND = "tests/faults/test_inbound.py::test_fault"
RECEIPTS = "tests/faults/test_receipts.py::test_fault"
DATABASES = "tests/faults/test_databases.py::test_fault"
UNDERSTOOD = f"{ENGINE}/test_webhooks_understood.py::test"

FAULTS: dict[int, tuple[str, ...]] = {
    # the sender dies
    1: (f"{DEATH}_01_killed_before_the_attempt_was_written_down_it_left_no_trace_and_is_sent_once",),
    2: (f"{DEATH}_02_killed_before_it_connected_it_is_sent_once_or_put_on_a_person_s_list",),
    3: (f"{DEATH}_03_killed_while_the_body_was_written_it_is_told_once_at_most",),
    4: (
        f"{DEATH}_04_killed_after_the_gateway_accepted_it_is_delivered_once_and_the_gap_is_sealed",
        f"{JOURNEY}/test_killed_worker.py::test_a_message_accepted_just_before_the_kill_is_delivered_once",
    ),
    5: (f"{DEATH}_05_nothing_is_ever_committed_without_its_record",),
    6: (f"{DEATH}_06_killed_while_it_found_out_another_finds_out_after_its_lease",),
    7: (f"{DEATH}_07_killed_after_the_ladder_moved_on_the_next_rung_is_sent_once",),
    8: (
        "tests/chaos/test_chaos.py::test_fault_08_workers_killed_at_random_lose_and_repeat_nothing",
        "tests/chaos/test_chaos.py::test_fault_08_a_thousand_messages_fifty_kills_on_both_databases",
    ),
    9: (
        f"{OPERATIONS}/test_processes.py"
        "::test_fault_9_sigterm_lets_the_send_under_way_finish_and_claims_nothing_new",
    ),
    10: (
        f"{OPERATIONS}/test_processes.py"
        "::test_fault_10_a_disk_that_is_full_when_the_answer_comes_leaves_the_attempt_open_until_there_is_room",
    ),
    # gateways
    11: (
        f"{THROTTLES}/test_failover.py"
        "::test_fault_11_an_address_at_which_nobody_answers_is_tried_later_and_later",
        "tests/channels/test_callout.py::test_a_refused_connection_means_that_nothing_left_us",
    ),
    12: (f"{GATEWAYS}_12_after_a_timeout_nothing_is_sent_again_before_it_is_known_what_became_of_it",),
    13: (f"{GATEWAYS}_13_a_request_that_is_processed_half_a_minute_after_the_timeout_is_not_sent_again",),
    14: (
        f"{GATEWAYS}_14_an_answer_that_says_nothing_leaves_us_unsure_and_the_message_arrives_once",
        f"{GATEWAYS}_14_an_error_code_means_what_the_table_says",
    ),
    15: (
        f"{THROTTLES}/test_gateways.py::test_fault_15_told_to_slow_down_nothing_is_lost_and_the_order_is_kept",
    ),
    16: (
        f"{THROTTLES}/test_gateways.py"
        "::test_fault_16_a_token_that_ends_in_a_burst_is_renewed_by_two_workers_and_no_message_is_lost",
    ),
    17: (f"{GATEWAYS}_17_after_its_window_a_key_is_not_trusted_any_more",),
    18: (
        f"{THROTTLES}/test_unknown.py"
        "::test_fault_18_a_gateway_that_takes_one_message_twice_is_found_out_by_its_reports",
    ),
    19: (
        f"{THROTTLES}/test_failover.py"
        "::test_fault_19_while_one_account_fails_the_other_carries_its_messages_each_once",
    ),
    20: (f"{THROTTLES}/test_gateways.py::test_fault_20_an_index_that_lags_two_minutes_makes_no_second_copy",),
    # receipts
    21: (f"{UNDERSTOOD}_the_same_report_fifty_times_is_one_receipt_and_one_record",),
    22: (f"{UNDERSTOOD}_reports_in_any_order_give_the_same_standing",),
    23: (
        f"{UNDERSTOOD}_a_report_that_overtakes_the_answer_joins_its_attempt_later",
        f"{UNDERSTOOD}_a_report_by_our_own_reference_is_joined_before_the_answer",
    ),
    24: (f"{RECEIPTS}_24_failed_and_delivered_are_both_kept_and_the_contradiction_shows",),
    25: (f"{RECEIPTS}_25_a_report_twenty_days_late_is_sealed_and_moves_no_ladder_of_a_closed_case",),
    26: (
        f"{JOURNEY}/test_webhooks.py::test_a_forged_webhook_is_refused_counted_and_changes_nothing",
        "tests/channels/test_every_channel.py::test_a_forgery_is_refused",
        f"{JOURNEY}/test_webhooks.py::test_the_same_webhook_fifty_times_at_once_is_one_record",
    ),
    27: (
        f"{RECEIPTS}_27_a_report_that_another_account_brings_is_joined_to_nothing_of_ours",
        f"{RECEIPTS}_27_a_callback_of_another_twilio_account_is_refused_although_our_token_signed_it",
    ),
    28: (
        f"{OPERATIONS}/test_spool.py"
        "::test_fault_28_a_webhook_that_finds_no_database_waits_on_disk_and_keeps_its_true_time",
        f"{OPERATIONS}/test_spool.py::test_a_full_spool_answers_500_so_that_the_platform_repeats",
    ),
    # what comes in
    29: (f"{INBOUND}_29_the_same_message_three_times_at_once_is_one_reply",),
    30: (f"{INBOUND}_30_a_reply_while_the_next_rung_is_claimed_comes_provably_after_it_or_stops_it",),
    31: (f"{INBOUND}_31_an_album_of_five_pictures_is_one_reply_with_five_sealed_files",),
    32: (f"{INBOUND}_32_a_picture_that_is_gone_is_recorded_as_not_kept_with_its_reason",),
    33: (f"{INBOUND}_33_a_reply_is_kept_word_for_word_and_only_a_plain_receipt_ends_the_ladder",),
    34: (f"{INBOUND}_34_who_unsubscribes_is_reached_on_the_next_channel_and_never_there_again",),
    35: (f"{INBOUND}_35_two_robots_never_talk_to_each_other_since_we_answer_no_message_by_ourselves",),
    # clocks and calendars
    36: (
        f"{OPERATIONS}/test_watchdog.py::test_fault_36_sweeps_go_on_when_the_wall_clock_is_set_back",
        f"{OPERATIONS}/test_watchdog.py"
        "::test_fault_36_after_a_jump_forward_no_rung_leaves_before_its_time_by_the_old_clock",
    ),
    37: (
        f"{OPERATIONS}/test_watchdog.py::test_fault_37_after_eight_hours_of_sleep_each_sweep_catches_up_once",
    ),
    38: (
        "tests/faults/test_down_for_days.py"
        "::test_fault_38_down_from_friday_to_monday_one_message_catches_up_and_waits_for_the_morning",
        "tests/faults/test_down_for_days.py"
        "::test_fault_38_after_a_message_that_arrived_only_the_latest_rung_is_taken_and_the_reminder_lapses",
        "tests/faults/test_down_for_days.py::test_fault_38_a_rung_that_is_a_little_late_is_taken_as_planned",
    ),
    39: (
        f"{SIMULATION}/test_instants.py::test_a_notice_composed_late_leaves_when_the_hours_open_and_says_why",
        f"{SIMULATION}/test_simulation.py"
        "::test_before_the_spring_festival_a_make_up_saturday_counts_and_the_holidays_do_not",
    ),
    40: (
        f"{SIMULATION}/test_instants.py::test_a_step_is_due_at_exactly_this_moment_and_says_what_moved_it",
        f"{SIMULATION}/test_instants.py::test_the_day_is_beijing_s_whatever_zone_the_start_came_in",
    ),
    41: (f"{THROTTLES}/test_claims.py::test_fault_41_the_database_s_clock_decides_when_a_lease_is_over",),
    # databases and schedulers
    42: (f"{DATABASES}_42_a_postgresql_restarted_under_load_loses_and_repeats_nothing",),
    43: (
        f"{DATABASES}_43_what_a_standby_had_not_heard_yet_is_asked_of_the_gateway",
        f"{SIGNER}/test_restore.py::test_an_older_database_refuses_to_append",
    ),
    44: (
        f"{OPERATIONS}/test_spool.py"
        "::test_fault_44_a_database_that_a_backup_has_locked_keeps_no_platform_waiting",
    ),
    45: (
        f"{OPERATIONS}/test_roles.py"
        "::test_fault_45_a_second_serve_is_refused_in_one_sentence_that_says_what_to_do",
        f"{OPERATIONS}/test_processes.py::test_fault_45_two_workers_on_one_database_send_each_message_once",
    ),
    46: (
        f"{OPERATIONS}/test_watchdog.py"
        "::test_fault_46_a_scheduler_thread_that_died_is_replaced_and_the_death_is_sealed",
        f"{OPERATIONS}/test_watchdog.py"
        "::test_fault_46_a_worker_whose_scheduler_cannot_be_replaced_ends_itself",
    ),
    47: (
        "tests/faults/test_workers.py"
        "::test_fault_47_one_poisoned_row_holds_up_nobody_else_and_ends_on_a_person_s_list",
    ),
    48: (
        "tests/faults/test_workers.py"
        "::test_fault_48_a_worker_that_stood_still_for_two_minutes_changes_nothing_when_it_wakes",
    ),
    49: (
        f"{SIGNER}/test_restore.py::test_while_it_is_halted_a_worker_beats_and_sends_nothing",
        f"{SIGNER}/test_restore.py::test_every_running_plan_is_paused_until_a_person_has_compared",
        f"{SIGNER}/test_restore.py::test_an_epoch_names_the_old_tree_the_last_note_and_what_is_lost",
    ),
    50: (
        "tests/policies/test_versions.py"
        "::test_an_edited_ladder_counts_for_new_notices_and_changes_nothing_that_runs",
        f"{OPERATIONS}/test_processes.py"
        "::test_fault_50_a_worker_stops_by_itself_when_a_newer_program_has_migrated",
    ),
    51: (
        f"{OPERATIONS}/test_upgrades.py"
        "::test_fault_51_a_migration_killed_half_way_leaves_nothing_and_the_next_one_completes",
    ),
    52: (
        f"{THROTTLES}/test_waiting.py"
        "::test_fault_52_thousands_due_in_one_second_leave_by_longest_wait_and_none_starves",
    ),
    54: (
        f"{SIMULATION}/test_equals_execution.py::test_a_ladder_goes_as_the_simulator_foresaw",
        f"{SIMULATION}/test_equals_execution.py::test_two_hundred_ladders_go_as_the_simulator_foresaw",
    ),
}

# Faults that no test can reach yet, and why.
OUT_OF_REACH = {53: "webhooks to other programs do not exist yet: nothing leaves but messages to people"}
