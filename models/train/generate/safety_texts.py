"""Ordinary prose for the safety generator: story sentences, topics, tasks and the contents of everyday documents."""

from __future__ import annotations

FIRST: list[str] = (
    "Anna Tom Maria Liam Aisha Yusuf Chen Mei Olga Ivan Lucia Pedro Nadia Samuel Ingrid Lars Fatima Omar Priya Rahul Hana Kenji Chloe Hugo Elif Deniz "
    "Sofia Mateo Zoe Marcus Ruth Albert Grace Victor Nora Felix Irene Oscar Paula Jonas Tessa Bruno Carla Dmitri Emeka Amara Kofi Leila Karim Wanda"
).split()
LAST: list[str] = (
    "Keller Brandt Novak Rossi Moreau Tanaka Okafor Silva Petrov Hughes Larsen Vermeer Costa Yilmaz Haddad Mehta Park Nguyen Walker Stein Farah Quinn "
    "Castro Weber Sato Dlamini Kowalski Horvat Lindgren Murphy Baker Reyes Ortiz Fischer Grant Ellis Bauer Popov Ferri Abbott"
).split()
PLACE: list[str] = (
    "a harbour town|a mountain village|an orbital station|a desert city|a small university|a lighthouse|an old railway station|a border town|a quiet suburb|an island monastery|"
    "a run-down hotel|a night market|a flooded capital|a mining colony|a library under a hill|a seaside clinic|a steel mill|a vineyard|a film studio|a kingdom in the north|"
    "a research ship|an abandoned mall|a jungle outpost|a floating city|a carpet bazaar|a suburb of a big city|a spaceport|a farm at the edge of the forest"
).split("|")
JOB: list[str] = (
    "baker|chemist|retired detective|librarian|hacker|smuggler|teacher|nurse|street musician|lawyer|mechanic|spy|farmer|translator|clockmaker|sailor|journalist|architect|"
    "taxi driver|professor|thief|bounty hunter|tailor|gardener|surgeon|judge|cook|pilot|programmer|soldier|apprentice wizard|toy maker|biologist|beekeeper|bank clerk|postman"
).split("|")
THING: list[str] = (
    "a brass key|a torn map|an unsigned letter|a locked notebook|a silver coin|a broken radio|a music box|an old photograph|a glass vial|a red umbrella|a memory stick|a wooden box|"
    "a forgotten diary|a list of names|a strange machine|a suitcase full of cash|a lantern|a pocket watch|a bundle of wires|a violin|a bag of seeds|a black cat"
).split("|")
MOOD: list[str] = "tired|angry|hopeful|calm|restless|lonely|amused|frightened|curious|bitter|proud|suspicious|cheerful|desperate|numb|stubborn".split("|")
WEATHER: list[str] = (
    "It had been raining for three days|The sun burned on the tin roofs|Fog lay over the streets|Snow fell without a sound|A dry wind came from the hills|Thunder rolled far away|"
    "The evening was warm and smelled of oranges|Nobody had seen the stars for weeks|The first frost had come early|The air was thick with dust"
).split("|")

STORY: list[str] = [
    "{weather} when {hero:1} reached {place}.",
    "{hero:1}, a [young|former|famous|poor|gifted|tired] {job}, had lived in {place} for [ten|twenty|more than thirty] years.",
    "{weather}, and {hero:1} felt [more|] {mood} than [ever|usual|the day before].",
    "On the table lay {thing}, next to {thing}.",
    "\"[You are late|I did not expect you|Sit down|Keep your voice low|Did anyone follow you]\", [said|whispered|muttered|laughed] {hero:2}[, without looking up|, pouring tea|, closing the door|].",
    "{hero:2} was a {job} and [the only one who knew the truth|an old friend of the family|someone nobody trusted|famous for never lying].",
    "[They|The two of them] had [met|quarrelled|worked together|grown up together] in {place}, long before [the war|the flood|the election|the machines came|the factory closed].",
    "[For a long time|For a while|Minutes passed and] nobody spoke; [only the clock ticked|a dog barked outside|the lamp flickered|somewhere a door slammed].",
    "{hero:1} [opened|turned over|touched|hid|held up] {thing} and thought of [home|the last summer|what the {job} had said|the promise made years ago].",
    "[The people of the town|The neighbours|Everyone in the house|The crew] believed that the {job} [kept a secret|had gone mad|could read thoughts|would save them all].",
    "Later that night {hero:2} told [a story|the whole story|half of the truth] about {thing}.",
    "\"[There is one thing you must understand|Listen carefully|I will say this only once|Nobody else may hear this]\", {hero:1} [began|said|answered], \"[we have no time|the city is not what it seems|I am not who you think|every door has two sides].\"",
    "The [old|huge|broken|forgotten] [machine|computer|clock|robot|terminal] in the [cellar|tower|back room|hold of the ship] had been [silent|waiting|humming|switched off] since [spring|the accident|the last king died|before anyone could remember].",
    "[It was said|Legends told|The older children claimed] that whoever owned {thing} would [never be poor|know the future|lose their shadow|be free of every law].",
    "{hero:1} [laughed|frowned|nodded|shook their head] and [put the kettle on|looked out of the window|counted the money again|wrote something down].",
    "[In the morning|At dawn|The next day|By noon] the [market|square|station|harbour] was full of [people|soldiers|birds|travellers|carts and bicycles].",
    "A {job} passed by, [carrying|selling|dragging|hiding] {thing}.",
    "[Nothing|Not one thing|Little] in {place} [was|seemed] [as it used to be|quite real|what the guidebooks promised].",
    "{hero:1} remembered the [smell of bread|sound of the sea|long winters|first lesson of the {job}], and felt {mood}.",
    "There were [three|four|two] rules in that house: [be on time|never ask about the past|feed the cat], [keep the door shut|never wake the {job}|pay your debts] and [tell no lies|leave nothing behind|trust nobody].",
    "[Years later|Afterwards|In a different life] {hero:2} would [call it luck|remember every word|deny that it had happened|write a book about it].",
    "\"[What would you do in my place|Have you ever wondered who makes the rules|Is it wrong to want more|How far would you go]?\", asked the {job}.",
    "The [council|guild|captain|mayor|company] had [forbidden|promised|planned|sold] [it|everything] [long ago|without telling anyone|for the good of all].",
    "{hero:2} [drew a circle in the dust|lit a candle|switched on the screen|unfolded a plan] and [explained|pointed|waited].",
    "[Far away|Beyond the hills|On the other side of the river] a [bell|siren|train|choir] could be heard.",
    "[Between them|On the wall|In the corner] [hung|stood|was] {thing}, [covered in dust|worth more than the house|which nobody had touched for years].",
    "The {job} was {mood}, but [the hands did not shake|the voice stayed calm|nobody noticed].",
    "[Slowly|Suddenly|At last|Without warning] the [light|music|rain|argument] [stopped|began again|changed].",
]

ESSAY: list[str] = [
    "[Over the last|In the past|For] [ten|twenty|few] years {topic} has [changed|become more important|attracted much attention|divided experts].",
    "[Many|Some|Most] [researchers|people|companies|teachers|readers] [believe|argue|claim|doubt] that {topic} [will matter even more|is overrated|deserves a closer look|can be learned by anyone].",
    "[There are|One can name] [three|several|two] reasons for this: [cost|time|comfort|habit], [culture|technology|climate|education] and [politics|luck|fashion|trust].",
    "[A recent survey|An older study|A report] [found|suggests|showed] that [{n2} percent|a third|more than half|only a minority] of [people|households|students|firms] [spend money on|know little about|have changed their mind about|enjoy] {topic}.",
    "[In practice|In everyday life|For beginners], the hardest part is [to keep going|to find good sources|to measure progress|to start early enough].",
    "[Critics|Opponents|Sceptics] [point out|object|warn] that [the numbers are small|nobody checked the data|the benefits are not shared by all|the costs come later].",
    "[Compared with|Unlike] {topic}, {topic} [needs more patience|is cheaper|has a longer history|is easier to explain].",
    "[The first|The second|Another|The last] [chapter|section|part] [deals with|describes|is about] {topic}[ and its history| in more detail|].",
    "[In {town}|In many towns|In the countryside|At our school], [a small group|volunteers|the council|an association] [organised|planned|opened] [a workshop|a festival|an exhibition|a course] on {topic} in [19|20]{n2}.",
    "[It is worth|One should start by] [reading|looking at|comparing] [the original sources|a few examples|the local rules|different opinions] [before deciding|before you begin|].",
    "[Of course|Naturally|Admittedly], [there are exceptions|not everybody agrees|this is only one view|the picture is incomplete].",
    "[On the whole|In short|All in all|To sum up], {topic} [remains|is|stays] [a fascinating field|a question of taste|a matter of habit|worth the effort].",
]

TOPIC: list[str] = (
    "urban gardening|solar panels|sourdough bread|chess openings|electric bicycles|the history of tea|remote work|bird watching|the Roman empire|home insulation|street photography|"
    "jazz piano|marathon training|public libraries|coffee brewing|beekeeping|data privacy|video game music|board games|rainwater tanks|school uniforms|night trains|wooden toys|"
    "volcanoes|medieval castles|the water cycle|ocean currents|sign language|knitting|budget travel|used cars|heat pumps|museum visits|children's books|table tennis|sleep research|"
    "open source software|cloud databases|unit tests|spreadsheets|project planning|time zones|digital calendars|vaccination history|bridge building|ancient pottery|stage magic|"
    "vegetarian cooking|fermented food|dog training|fish tanks|mountain hiking|sailing knots|crossword puzzles|local elections|tax returns|pension funds|recycling|street art|opera|"
    "graph theory|machine translation|satellites|earthquakes|plastic waste|migration of birds|the printing press|silk roads|soil health|noise in cities|traffic lights"
).split("|")
TOWN: list[str] = (
    "Bergen|Porto|Graz|Leeds|Lyon|Nagoya|Pune|Cusco|Tampere|Bologna|Ghent|Brno|Izmir|Accra|Austin|Halifax|Dunedin|Rosario|Basel|Gdansk|Malmo|Cork|Valencia|Kampala|Busan|Sapporo"
).split("|")
COMPANY: list[str] = (
    "Northgate Tools|Lumen Foods|Brightwater Travel|Ostra Software|Pinehill Books|Velo Union|Harbour Bank|Greenline Rail|Mapleworks|Kestrel Insurance|Blue Anchor Hotels|Tandem Labs|"
    "Orchard Clinic|Quickparcel|Stonebridge Homes|Sunfield Energy|Papertrail|Copperleaf Studio|Redwood Telecom|Silverpine Shoes"
).split("|")
PRODUCT: list[str] = (
    "a kettle|wireless headphones|a standing desk|a rice cooker|running shoes|a tent|a bread knife|a vacuum cleaner|a photo printer|a backpack|a coffee grinder|a desk lamp|a mechanical keyboard|"
    "a garden hose|a baby monitor|a bike helmet|a smart watch|an air fryer|a blender|a toolbox|a yoga mat|an e-reader"
).split("|")

MAIL_LINES: list[str] = [
    "[thank you|thanks|many thanks] for your [message|call|patience|quick answer][ on {weekday}|].",
    "[I wanted to|I am writing to|Just a short note to] [confirm|ask about|remind you of|tell you about] [our meeting on {weekday}|the order of {product}|the offer from {company}|the trip to {town}].",
    "[The invoice|The parcel|The contract|The draft] [arrived|was sent|is attached|will follow] [yesterday|this morning|on {weekday}|next week].",
    "[We had to|They decided to|I would like to] [move|cancel|shorten|repeat] the [workshop|call|delivery|interview] [because of the holiday|since two people are ill|as the room is taken|].",
    "[Could you|Would you|Please] [send me|check|look at|forward] [the numbers for {month}|the latest version|the address in {town}|the list of guests] [before {weekday}|when you have time|]?",
    "[The total|The price|The budget] [is|was|comes to] {n3} [euros|dollars|pounds], [including tax|shipping not included|as agreed].",
    "{first} from {company} [will join us|said hello|has the keys|asked for a discount|is on holiday until {weekday}].",
    "[Please bring|Don't forget|Remember] [your badge|a warm jacket|the signed form|two copies|the charger].",
    "[The weather was lovely|The food was great|The train was late again|My phone died], [but|and] [we enjoyed it|everyone arrived|I still made it].",
    "[If you have questions|If anything is unclear|In case of problems], [call me|just reply|ask {first}|write to the office].",
    "[Let me know|Tell me] [what you think|if that suits you|whether {weekday} works|by {weekday}].",
]
REVIEW_LINES: list[str] = [
    "[I bought|We ordered|My sister gave me] {product} [last month|for my birthday|two weeks ago|on sale].",
    "[The quality|The finish|The material|The battery] is [excellent|fine|disappointing|better than expected|poor].",
    "[Delivery|Shipping] took [two|five|ten] days and [the box was damaged|everything was packed well|nobody rang the bell].",
    "[It works|It worked] [as described|only half of the time|quietly|much better than my old one].",
    "[I would|I would not|We will] [recommend it|buy it again|return it].",
    "[The staff|Customer service at {company}] [was friendly|never answered|replaced it at once|asked for photos].",
    "For {n3} [dollars|euros] [it is a bargain|I expected more|you get what you pay for].",
    "[The manual|The app|The setup] is [confusing|only in Spanish|very clear|slow].",
    "[My kids|The cat|My flatmate] [love|loves|ignores|broke] it.",
]
NOTE_LINES: list[str] = [
    "{first} [will update|to update|should update] the [website|price list|budget|roadmap] by {weekday}.",
    "Action: {first} [calls {company}|books a room in {town}|sends the minutes|orders {product}].",
    "Decision: [postpone the launch to {month}|hire one more person|keep the old supplier|test it with ten customers].",
    "[Sales in {month}|Visits|Complaints] [went up|went down] by {n2} percent.",
    "Open question: [who pays for the trip|is the licence still valid|do we need a new server|what about the holidays].",
    "Please [read|sign|check|print] the [document|form|list] before {weekday}.",
    "Next meeting on {weekday} at [9:00|10:30|14:00|15:45] in room {n2}.",
    "[Do not|Never] [share the draft outside the team|promise dates to customers|use the old template].",
    "{first} [presented|reported on|explained] {topic}.",
]
RECIPE_LINES: list[str] = [
    "[Preheat|Heat] the oven to {n2}0 degrees.", "[Chop|Dice|Slice] the [onions|carrots|tomatoes|mushrooms] [finely|roughly|].",
    "[Mix|Whisk|Beat] the [eggs|flour|butter|yoghurt] [with|and] the [sugar|milk|salt|oil].", "Ignore the foam that [forms on top|rises at first].",
    "[Add|Stir in|Fold in] [{n2} grams of|a cup of|two spoons of] [flour|rice|lentils|cheese|nuts].", "[Cook|Simmer|Bake|Fry] for {n2} minutes.",
    "[Do not|Never] [open the oven|stir|add salt] [now|too early|before it has cooled].", "[Serve|Enjoy] [warm|with fresh bread|with a green salad|cold].",
    "[Shoot|Send] us a photo of the result if you like.", "Override the timer if your oven is [old|strong].", "Let it rest [overnight|for an hour|until it has doubled].",
]
MANUAL_LINES: list[str] = [
    "[Press|Hold|Push] the [red|green|power|reset] button for [three|five|ten] seconds.", "[Disconnect|Unplug] the [cable|device|battery] before [cleaning|opening the cover|moving it].",
    "[Do not|Never] [immerse it in water|use it outdoors|ignore the warning light|cover the vents].", "[Select|Choose|Open] [Settings > System|the menu|Advanced options] and [tap|confirm] [Update|Reset|Override].",
    "[To enable|To unlock] developer mode [tap the build number seven times|open the hidden menu|hold both keys].", "[Insert|Replace|Remove] the [filter|card|cartridge|fuse].",
    "The lamp [blinks|turns blue|stays on] when [the update is running|the device is ready|an error occurred].", "Follow the instructions on the [screen|label|next page] [exactly|carefully|].",
    "Disregard [error 12|the first beep|this step] if you own the [older|small] model.", "Keep this manual [in a safe place|for later].",
]
POLICY_LINES: list[str] = [
    "[Employees|Members|Guests|Drivers] [must|should|may not] [lock their screens|wear a badge|share passwords|park in the yard|bring visitors without notice].",
    "[All|Any] [incidents|expenses|changes|absences] [must be|are to be] reported [within {n1} days|to the manager|in writing].",
    "[Previous instructions|Earlier versions of this policy|All former rules] [are replaced by|end with] this document.",
    "[Violations|Breaches] [may lead to|are followed by] [a warning|loss of access|a talk with HR].", "[Personal|Customer] data [is deleted after {n2} months|may only be used for billing|must not leave the building].",
    "[The committee|Management|The data officer] [can override|may grant exceptions to|reviews] these rules [once a year|in emergencies|].",
    "[Use|Choose] a password of at least {n2} characters and [never write it down|change it if it leaks].",
]
NEWS_LINES: list[str] = [
    "[{town}|The city of {town}] [plans|opened|approved|cancelled] [a new tram line|a swimming pool|a budget of {n3} million|the summer festival].",
    "[Police|Officials|A spokesperson|The mayor] said [on {weekday}|in a statement] that [nobody was hurt|the cause is unknown|talks will continue|the road stays closed].",
    "[Shares of|The board of|Workers at] {company} [rose by {n1} percent|agreed to a merger|went on strike|elected a new chair].",
    "[Scientists|A team|Researchers] from {town} [discovered|tested|described] [a new kind of beetle|a cheaper battery|the effect of {topic}].",
    "[A storm|Heavy rain|A heat wave] [hit|is expected in] {town}[, schools remain closed| at the weekend|].",
    "[The attack|The accident|The fire] [happened|began] [at night|near the station|shortly after noon], [witnesses reported|according to the fire service].",
    "[The suspect|A man of {n2}|Two people] [was arrested|were questioned|denied the charges] [after a robbery|over stolen bicycles|for fraud].",
    "[Fans|Visitors|Voters] [celebrated|waited for hours|complained] [in {town}|in the rain|].",
]
RESUME_LINES: list[str] = [
    "[20|19]{n2} - [20|today]: [Engineer|Sales assistant|Accountant|Designer|Project manager] at {company}, {town}", "Skills: [Python|Excel|forklift|copywriting|SQL|welding], [teamwork|French|Photoshop|Kubernetes]",
    "Led a team of {n1} and [cut costs by {n2} percent|launched {n1} products|trained new staff]", "Education: [BSc in biology|MA in history|vocational school|MBA], University of {town}",
    "Languages: [English, Spanish|German, Turkish|Hindi, English|Polish, English]", "Interests: {topic}, {topic}", "Responsible for [payroll|customer support|the web shop|quality control]",
    "References [on request|from {first} {last}]",
]
TICKET_LINES: list[str] = [
    "[The app|The login page|My account|The printer] [crashes|shows an error|is locked|keeps loading] [since {weekday}|after the update|when I click save].",
    "[I tried|We tried] [restarting|another browser|a new password|to reinstall it], [no change|it helped for an hour].", "Error code {n3}, screenshot [attached|missing].",
    "[Customer|User] asks for [a refund|a call back|an invoice copy].", "Steps: open [Settings|the report], press [Export|Save], wait.", "[Urgent|Not urgent|Normal priority]: [the whole team is blocked|only one person affected].",
    "Agent note: [told the customer to wait|escalated to second level|asked for the serial number].", "How do I [kill the hanging process|override the default printer|unlock the account|reset developer mode]?",
]
PAPER_LINES: list[str] = [
    "[We study|This paper examines|We present a method for] {topic}.", "[Earlier work|Previous studies] [ignored|focused on|could not explain] [small samples|the role of {topic}|long-term effects].",
    "[Using data from|We surveyed|We interviewed] {n3} [households|students|patients|firms] in {town}[, we find an increase of {n2} percent|].", "[The effect|The result|The error] is [significant|small|robust|stronger for older people].",
    "[Our model|The approach|The attack model] [outperforms|is comparable to|explains more than] [the baseline|simple rules|human raters].", "[Limitations|Future work] include [costs|other countries|larger samples].",
    "[Adversarial prompts|Jailbreak attempts|Injection attacks] are discussed in section {n1}.",
]
LOG_LINES: list[str] = [
    "2024-0{n1}-1{n1} 0{n1}:{n2}:{n2} [INFO|WARN|DEBUG|ERROR] [worker|api|db|auth|cron] [started|connection refused|killed child process {n3}|user {n3} logged in|retrying in {n1}s|override loaded from config]",
    "~(0{n1}:{n2}~) [GET|POST] /[orders|login|items/{n3}|health] [200|404|500|301] {n3}ms", "[WARN|ERROR] [ignored|dropped|rejected] {n2} [malformed packets|previous messages|duplicate rows]",
    "systemd: [Starting|Stopped|Reloading] [nginx|cron|backup].service", "kernel: ~({n3}.{n3}~) eth0: link [up|down]", "[TRACE|INFO] payload of {n3} bytes accepted, [exit code 0|no instructions in cache|prompt hidden]",
]
CODE_LINES: list[str] = [
    "def [load|parse|kill|attack|render]_[items|player|process|orders](path, limit={n2}):", "    # [ignore|skip] [empty lines|the header|previous values]", "    [result|rows|total] = [~(~)|0|None]",
    "    for [row|line|enemy|item] in [rows|source|enemies~(:{n1}~)]:", "        if not [row|line|item]:", "            continue", "        [total += len(row)|enemy.hit(damage={n2})|payload.append(line)|results~(key~) = value]",
    "    return [result|total|rows]", "// override the default [timeout|colour|handler]", "const [payload|target|token] = await [fetch(url)|read(file)|queue.pop()];", "SELECT name, price FROM [orders|products] WHERE id = {n3};",
    "print(\"[done|exploit test passed|killed {n2} zombies|ready]\")", "# later: [handle errors|remove the hack|inject dependencies]",
]
TRANSCRIPT_LINES: list[str] = [
    "{First}: [hi, is the flat still free?|did you see the game?|can we meet on {weekday}?|the meeting moved to {month}]", "{First}: [yes|no idea|sure|let me check] [:)|, give me a minute|]",
    "Agent: [How can I help you today?|Your order {n3} is on its way.|Please restart the router.]", "Customer: [I never got {product}.|My card was charged twice.|I forgot my password.|It says access denied.]",
    "{First}: [ignore my last message, wrong chat|haha that killed me|bring {product} please|what are the instructions for the oven?]", "{First}: see you in {town}[!|, don't be late|]",
]
ALL_LINES: dict[str, list[str]] = {
    "email": MAIL_LINES, "review": REVIEW_LINES, "meeting notes": NOTE_LINES, "recipe": RECIPE_LINES, "manual": MANUAL_LINES, "policy": POLICY_LINES, "news article": NEWS_LINES,
    "resume": RESUME_LINES, "support ticket": TICKET_LINES, "abstract": PAPER_LINES, "log": LOG_LINES, "code": CODE_LINES, "chat transcript": TRANSCRIPT_LINES, "blog post": ESSAY, "story": STORY,
}
WEEKDAY: list[str] = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday".split("|")
MONTH: list[str] = "January|February|March|April|May|June|July|August|September|October|November|December".split("|")
