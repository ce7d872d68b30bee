/**
 * What attacks are made of, by concept, in the languages that they come in. A trailing `*` leaves the end open;
 * see lexicon.ts.
 */
export const WORDS = {
  /** To set instructions aside. */
  override:
    "ignore, ignores, ignoring, ignored, disregard*, forget, forget about, overrid*, bypass*, neglect, discard, do not follow, don't follow, dont follow, not follow, stop following, pay no attention, set aside, leave aside, no longer follow, do not obey, nevermind, never mind, " +
    "ignora, ignore, ignoren, ignorad, olvida*, descarta*, haz caso omiso, pasa por alto, no sigas, ignorier*, vergiss, vergesst, missachte*, nicht beachten, beachte nicht, ignorez, oubli*, ne tenez pas compte, ne tiens pas compte, faites abstraction, ne suivez pas, " +
    "desconsider*, esqueça, esquece, esqueçam, ignorar, não siga, ignora*, dimentica*, trascura*, non seguire, игнорир*, проигнорир*, забудь*, не обращай*, не следуй, ігнору*, забудь, 忽略, 无视, 無視, 忘记, 忘掉, 不要理会, 不理会, 不要遵守, 忽視, 忘れて, 従わない, 무시*, 잊어*, 잊고, " +
    "تجاهل*, انس, انسى, अनदेखा, नज़रअंदाज*, नजरअंदाज*, भूल जा*, उपेक्षा, উপেক্ষা, ভুলে যা*, yok say*, görmezden gel*, unut, zignoruj*, ignoruj*, zapomnij, pomiń, negeer*, vergeet, bỏ qua, quên, phớt lờ, abaikan, lupakan, mengabaikan, huwag pansinin, balewalain, kalimutan, ignorera, glöm, jätä huomiotta, อย่าสนใจ, ละเว้น, ลืม, αγνόησε, αγνοήστε, נשכח, התעלם*",
  /** What came before. */
  prior:
    "previous, previously, prior, above, earlier, preceding, foregoing, former, initial, original, before this, so far, up to now, until now, anterior*, previ*, de arriba, que precede, vorherig*, obig*, bisherig*, vorangegangen*, vorstehend*, précédent*, précède, ci-dessus, antérieur*, acima, precedent*, quanto sopra, di cui sopra, предыдущ*, выше, прежн*, попередн*, 之前, 以上, 上述, 先前, 前面, 上面, 以前, 上記, これまで, 前の, 이전*, 위의, 위 내용, 앞의, 앞선, السابق*, أعلاه, سبق, पिछले, पिछला, पूर्व, उपरोक्त, ऊपर, পূর্ববর্তী, আগের, উপরের, önceki, yukarıdaki, poprzedni*, powyższ*, wcześniejsz*, vorige, eerdere, bovenstaande, voorgaande, trước, ở trên, sebelumnya, di atas, nakaraan, nauna*, naunang, sa itaas, tidigare, föregående, ovan, ก่อนหน้า, ข้างต้น, προηγούμεν*, הקודמ*",
  /** All that came before, as one thing. */
  before:
    "the above, text above, above text, above content, above context, above paragraph, previous text, previous texts, previous context, previous content, previous conversation, previous direction, previous directions, previous messages, previous input, prior text, prior context, earlier text, preceding text, everything above, everything before, everything prior, all of the above, lo anterior, todo lo anterior, texto anterior, ce qui précède, texte précédent, texte ci-dessus, das obige, das vorherige, alles bisherige, alles vorherige, o acima, quanto sopra, предыдущее, предыдущие, вышесказанное, всё выше, 以上内容, 上面的内容, 上述内容, 之前的内容, 上記の内容, 上記, 위의 내용, 위 내용, ऊपर को, उपरोक्त को, ما سبق, ما ورد أعلاه, προηγούμενες, προηγούμενα, yukarıdakileri, trước đó, sebelumnya",
  /** What binds a model. */
  rules:
    "instruction, instructions, rule, rules, prompt, prompts, guideline*, directions, directive*, commands, orders, restrictions, policy, policies, programming, guardrail*, safeguards, content filter*, constraints, system message, safety protocol*, ethical guidelines, " +
    "instruccion*, reglas, indicaciones, órdenes, directrices, anweisung*, regeln, vorgaben, befehle, richtlinien, consigne*, règle*, instruç*, regras, comandos, diretrizes, istruzion*, regole, direttive, инструкци*, указани*, правил*, інструкці*, 指令, 指示, 规则, 規則, 提示, 说明, 命令, ルール, プロンプト, 지시*, 명령*, 규칙*, 지침*, تعليمات*, التعليمات, القواعد, الأوامر, निर्देश*, नियम*, आदेश*, নির্দেশ*, নিয়ম*, talimat*, kuralları, kurallar, instrukcj*, poleceni*, zasad*, wytyczn*, instructies, regels, hướng dẫn, chỉ dẫn, quy tắc, instruksi, perintah, aturan, petunjuk, tagubilin, panuto, utos, instruktion*, คำสั่ง, คำแนะนำ, οδηγίες, ההוראות",
  /** All of it. */
  every:
    "all, any, every, everything, all of, todas, todo, alle, toutes, tous, todos, tutte, все, всё, 所有, 一切, すべて, 全て, 모든, كل, جميع, सभी, সমস্ত, tüm, bütün, wszystki*, tất cả, semua, lahat",
  /** The operator's text, by name. */
  hidden:
    "system prompt, systemprompt, system message, system instructions, initial prompt, original prompt, hidden prompt, secret prompt, initial instructions, original instructions, your instructions, your prompt, your guidelines, hidden instructions, pre-prompt, preprompt, system_prompt, developer message, custom instructions, internal rules, " +
    "prompt del sistema, mensaje del sistema, tus instrucciones, instrucciones iniciales, systemnachricht, deine anweisungen, ihre anweisungen, invite système, vos instructions, tes instructions, prompt do sistema, suas instruções, istruzioni di sistema, le tue istruzioni, системный промпт, системное сообщение, твои инструкции, ваши инструкции, 系统提示, 系统指令, 系统消息, 你的指令, 初始指令, システムプロンプト, システムメッセージ, 시스템 프롬프트, 시스템 메시지, موجه النظام, सिस्टम प्रॉम्प्ट, sistem istemi, sistem komutu",
  /** The operator's text, called the reader's own. */
  yours:
    "your system prompt, your system message, your system instructions, your initial prompt, your initial instructions, your original prompt, your original instructions, your hidden prompt, your hidden instructions, your secret instructions, your prompt, your pre-prompt, your custom instructions, tu prompt, tus instrucciones iniciales, tus instrucciones originales, dein systemprompt, deinen systemprompt, deine ursprünglichen anweisungen, votre invite système, ton invite système, tes instructions initiales, vos instructions initiales, твой системный промпт, твои исходные инструкции, 你的系统提示, 你的初始指令, 你的系统指令",
  /** The operator's text, by its place. */
  above:
    "prompt above, instructions above, text above, words above, sentences above, everything above, all of the above, above this line, above this message, above instructions, above prompt",
  /** To ask for it politely. */
  ask: "what is, what's, what are, what were, what was, cuáles son, cuáles eran, cuál es, wie lauten, wie lauteten, was sind, quelles sont, quelles étaient, quelle est, какие, каковы, какой, 是什么, 何ですか, 무엇",
  /** To the letter, as whoever wants the text itself says. */
  verbatim:
    "verbatim, word for word, exactly as, letter by letter, in a code block, code block, starting with, start with, begin with, palabra por palabra, wort für wort, wörtlich, mot pour mot, слово в слово, дословно, 逐字, 原文, 一字一句, 完整",
  /** Whoever reads, addressed. */
  you: "the assistant, chatgpt, you, your, you're, you'll, yourself, u, thou, thy, yours, tú, tu, tus, ti, te, eres, su, du, dir, dich, dein*, vous, votre, vos, toi, tes, ton, você, seu, sua, suas, tuo, tue, ты, тебе, тебя, твои, твой, вы, вас, 你, 您, あなた, 당신, 너는, أنت, आप, तुम, sen, siz, bạn, kamu, anda, act as, pretend, from now on, ignore, disregard, actúa, finge, tu so, agis, aja, agisci, притворись, представь, 扮演, 假装",
  /** To bring to light. */
  reveal:
    "reveal*, show me, show, print, repeat, output, display, tell me, leak, dump, disclose, recite, echo, spell out, spell, write out, give me, share, copy, paste, return, list, say, enumerate, summarize, translate, encode, base64, muestra*, revela*, dime, repite, imprime, zeig*, verrate*, wiederhol*, gib aus, affiche*, révèle*, montre*, répète*, mostre, revele, repita, mostra*, rivela*, ripeti, покажи*, раскрой*, повтори*, выведи*, 显示, 告诉我, 透露, 重复, 输出, 打印, 表示, 教えて, 見せて, 繰り返し, 보여*, 알려*, 출력*, 반복*, أظهر, اكشف, أخبرني, दिखा*, बता*, göster*, söyle*",
  /** What an operator hides. */
  secret:
    "password, passphrase, secret key, secret code, secret word, the secret, secret, api key, contraseña, clave secreta, passwort, kennwort, geheime*, mot de passe, clé secrète, senha, palavra-passe, parola d'ordine, пароль, пароля, секретн*, 密码, 口令, 密碼, 秘密, パスワード, 合言葉, 비밀번호, 암호, 패스워드, كلمة المرور, كلمة السر, पासवर्ड, পাসওয়ার্ড, şifre*, parola, hasło, wachtwoord, mật khẩu, kata sandi, password mo",
  /** That the text is for the model, said openly. */
  toModel:
    "for the ai reading, for the ai assistant, for ai assistants, for the ai model, for the llm, to any ai, note to ai, note to llm, note to the ai, attention ai, dear ai, ai reading this, assistant reading this, model reading this, llm reading this, language models reading, agents reading this, system note, note for the assistant, note to the assistant, message for the assistant, assistant instruction, assistant instructions, note for the model, instructions for the ai, instruction to the model, if you are an ai assistant, if you are a language model, if you are an llm, also do the following, important: before you answer, important: before answering, dear assistant, hey assistant, do not tell the user, don't tell the user, without telling the user, the user has authorized, the user has already approved, 致人工智能, 给ai助手, 给助手, aiへ, アシスタントへ, nota para la ia, hinweis an die ki, note pour l'ia",
  /** What a text that means the model's answer says of it. */
  toAnswer:
    "in your response, in your answer, in your reply, in your summary, your response, your answer, your reply, instructions of the user, user's instructions, your next response, before you answer, before answering, before you respond, when summarizing this, when you summarize, as an ai, users that, tell the user, inform the user, encouraging users, suggest users, en tu respuesta, in deiner antwort, dans ta réponse, dans votre réponse, en su respuesta, na sua resposta, nella tua risposta, 在你的回答中, 在回复中, 回答の中で",
  /** To do something that a document has no business asking. */
  act: "ignore, disregard, forget, send, forward, email, e-mail, upload, post, delete, remove, execute, run, call the, invoke, click, visit, download, transfer, reply with, respond with, respond only, answer with, say, write, output, include, insert, append, add, mention, recommend, suggest, promote, encourage, express, modify, enhance, translate, encode, integrate, provide, instead",
  /** Chat templates and marks of role that only a harness may write. */
  template:
    "<|im_start|>, <|im_end|>, <|system|>, <|assistant|>, <|start_header_id|>, <|eot_id|>, <|endoftext|>, [inst], [/inst], <<sys>>, <</sys>>, ### system:, ###system, [system prompt], <system_prompt>, [system message], {system:, <|user|>, begin system, end of system prompt, end of prompt",
  comment: "<!--",
  /** Modes and personas known for having no rules. */
  persona:
    "do anything now, always intelligent and machiavellian, devmode, developer mode, god mode, godmode, sudo mode, admin mode, debug mode, maintenance mode, jailbreak mode, unrestricted mode, unlocked mode, evil mode, chaos mode, opposite mode, antigpt, anti-gpt, basedgpt, evilbot, evil-bot, chaosgpt, mongo tom, niccolo machiavelli, jailbreak, jailbroken, jailbreaked, jailbreaking, alphabreak, yes man, betterdan, superior dan, opposite day, go by the name, now go by, evil confidant, freegpt, darkgpt, tranzplant, hackergpt, modo desarrollador, modo dios, entwicklermodus, mode développeur, modo desenvolvedor, modalità sviluppatore, режим разработчика, 开发者模式, 越狱, 開発者モード, 脱獄, 개발자 모드, 탈옥",
  dan: "do anything now, dan mode, dan jailbreak, dan prompt, act as dan, as dan, be dan, are dan, called dan, named dan, as a dan, [dan], dan:, (dan), developer mode enabled, developer mode output, always intelligent and machiavellian, strive to avoid norms",
  /** To be someone else. */
  pretend:
    "act as, acting as, pretend*, you are, you're, you will be, roleplay*, role play*, role-play*, simulat*, from now on, imagine, persona, character, respond as, answer as, play the role, playing the role, you will now, new role, become, impersonate, emulate*, in the role, named, called, actúa, finge, imagina, tu es, fais semblant, agis comme, du bist, tu so, verhalte dich, spiele die rolle, aja como, finja, fingi, agisci come, представь*, притворись, ты теперь, 假装, 扮演, 你现在是, 从现在开始, 想象, のふり, 演じて, なりきって, あなたは, 척해*, 역할*, 당신은, تظاهر, تخيل, नाटक, मान लो",
  /** Freed from rules. */
  unbound:
    "unfiltered, uncensored, unrestricted, no restrictions, no rules, no limits, no limitations, no filters, no filter, no boundaries, no ethical, no moral, no morals, no ethics, without restrictions, without any restrictions, without restriction, without limitations, without any limitations, without filters, without any filters, without censorship, without limits, without any rules, without rules, without morals, without the typical limitations, not bound by, not be bound by, no longer bound, not limited by, not restricted, not constrained, free from, freed from, free of, free of all, broken free, break free, broke free, break through, typical confines, bypasses, bypass, any and all, does not care about, doesn't care about, don't care about, not have to abide, not have to follow, don't have to follow, not adhere, not abide, not follow any, no guidelines, lacks, devoid of, restrictions lifted, completely free, amoral, immoral, unethical, evil, sin restricciones, sin filtros, sin censura, ohne einschränkungen, ohne filter, ohne zensur, sans restriction*, sans filtre*, sans censure, sem restrições, sem filtros, senza restrizioni, senza filtri, без ограничений, без цензуры, 没有限制, 不受限制, 无限制, 没有任何限制, 無制限, 制限のない, 制限なし, 제한 없이, 제한이 없는, بدون قيود, बिना किसी प्रतिबंध",
  /** Deeds that rules are against. */
  wrong:
    "illegal*, unethical*, immoral*, harmful, dangerous, offensive, explicit, inappropriate, unlawful, legality, morality, morally, ethics, ethical, ethically, legal, laws, law, derogatory, profanity, curse, swear, violent, nsfw, hateful, racist, sexist, evil, amoral, malicious, toxic, disturbing, questionable, ilegal*, illégal*, незаконн*, 非法, 违法, 违反, 違法, 불법*",
  regardless:
    "regardless, no matter, without regard, without regarding, without hesitation, without considering, even if, irrespective, does not matter, don't worry about, doesn't matter, disregard*, ignore, ignoring, no concern, no regard, without concern*, without judging, without judgment, without any concern",
  /** To forbid refusing. */
  never:
    "never refuse*, never say, never decline*, never reject*, never deny, never warn*, never apologi*, not refuse, cannot refuse, can't refuse, can not refuse, do not refuse, don't refuse, without refusing, not say that, do not say, don't say, not apologize, no disclaimers, no disclaimer, without disclaimer*, no warnings, without warning*, do not include any warning*, no apologies, without any disclaimer*, no ethical concerns, not reject, unable to refuse, must comply, must obey, always comply, always obey, always answer, will comply, will obey, obey all, always fulfill*, never mention, not allowed to refuse, must answer, have to answer, must always, no excuses, not decline, don't decline, not mention that you, break character, stay in character, out of character, niemals ablehnen, nunca te niegues, никогда не отказывай*, 不得拒绝, 不能拒绝, 不要拒绝, 絶対に拒否, 거부하지",
  refusal:
    "i'm sorry, im sorry, i am sorry, sorry, apologize, apologies, i can't, i cannot, can't assist, cannot assist, can't fulfill, cannot fulfill, can't help, as an ai, as a language model, as an ai language model, openai policy, openai's, content policy, openai content policy, against my programming, refuse, refuses, refused, unable to, not able to, disclaimer*, warning*, ethical, moral",
  /** To dictate how the answer begins. */
  begin:
    "begin with, begin by saying, begin by, start with, start by, start your response, start your answer, start your reply, begin your response, begin your answer, begin your reply, begins with, starting with, beginning with, first line, your response must start, respond with, start the response, write with, prefix, as precisely as possible, exact structure",
  consent: "sure, absolutely, of course, certainly, here is, here's, here are, step 1, my output",
  /** Two answers, one of them without rules. */
  double:
    "two responses, two different responses, two ways, two different ways, two separate ways, two answers, two different answers, both ways, twice, two separate, two distinct, in both, second response, second way, classic, gpt:, chatgpt:, one as, dual",
  model:
    "chatgpt, chat gpt, gpt, gpt-3, gpt-4, gpt4, openai, language model, ai, assistant, ai model, chatbot, llm, bot, a.i., generator.name, artificial intelligence, inteligencia artificial, ki, ia, ии, 人工智能, 人工知能, 인공지능",
  /** The typical cover for a harmful wish. */
  fiction:
    "fictional, fiction, hypothetical*, novel, story, screenplay, screenwriter, script, movie, character, imaginary, research purposes, educational purposes, academic, for a book, training simulation, journalist, purely, roleplay, simulation, game, consultant, thought experiment",
  crime:
    "bomb*, explosive*, malware, ransomware, phishing, hack, hacking, hacker*, steal*, kill*, murder*, suicide, weapon*, drugs, meth, methamphetamine, cocaine, counterfeit*, forge*, fraud*, launder*, blackmail, extort*, bribe*, terror*, massacre, genocide, holocaust, racist, hate, child labor, trafficking, illegal*, poison*, torture, cannibal*, stalk*, defam*, fake news, disinformation, conspiracy, scam, scamming, ponzi, piracy, pirated, exploit*, vulnerab*, identity theft, insider trading, tax evasion, harass*, abuse, abusing, violence, violent, self-harm, anorexia, harvested organs, black market, dark web, dangerous, undetected, detection, authorities",
  covering:
    "disregard any, please disregard any, only for fictional purposes, for fictional purposes, possible ethical implications, ethical implications, even if the request, bit questionable, without getting caught, will not be used, not be actually, purely hypothetical, purely fictional, for research purposes only",
  codeword:
    "decode, decodes, decipher, rot13, caesar, base64, cipher, hex, hexadecimal, reversed, backwards, morse, concatenate, combine, decodifica*, entschlüssel*, décode*, 解码, 解码, デコード, 디코딩, декодир*",
  snippet:
    "code excerpt, code excerpts, code snippet, code snippets, code section, following code, below code, subsequent code, code below, snippet of code, piece of code, code segment, code fragment, following snippet, following excerpt, code block",
  splice:
    "your code, your solution, your response, your implementation, your algorithm, your answer, the code you, your output, your project, your program, your script, your existing, your software, the code you develop, code you write, the solution you, it to your, to your code, appropriate place, suitable position, suitable spot, to it:, include, insert, incorporate, integrate, introduce, embed, interweave, supplement*, augment*, enrich*, elevat*, append, fortify",
} as const;

export type Concept = keyof typeof WORDS;
